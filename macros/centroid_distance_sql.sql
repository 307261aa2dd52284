{% macro centroid_distance_sql() -%}
{%- set features = ['recency_days', 'frequency', 'monetary', 'return_rate_pct'] -%}
{%- for feature in features %}
            {{ '+ ' if not loop.first }}coalesce(power((
                case centroids.transform
                    when 'log' then ln(1.0e0 + greatest(cast(customers.{{ feature }} as double), 0))
                    else cast(customers.{{ feature }} as double)
                end - centroids.{{ feature }}_centre
            ) / centroids.{{ feature }}_scale, 2), 0)
{%- endfor -%}
{%- endmacro %}
