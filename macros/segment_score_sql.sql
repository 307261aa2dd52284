{% macro segment_score_sql(answer) -%}
{%- set fits = segment_parameters(ref('int_segment_parameters')) -%}
{%- set shops = score_edge_parameters(ref('int_score_edges')) -%}
case
    when shop is null or segmentation is null then null
{%- for fit in fits %}
    when shop = '{{ fit.shop }}' and segmentation = '{{ fit.segmentation }}' then
        case
            when recency_days is null or frequency is null or monetary is null then null
            when frequency <= 0 or monetary <= 0
                then
                    case {{ cluster_outside_fit() }}
                        {%- for cluster_id in ['-1', '0'] %}
                        when {{ cluster_id }} then {{
                            score_answer(answer, cluster_id, sql_text(fit.names[cluster_id]), '1.0e0', 'null')
                        }}
                        {%- endfor %}
                    end
            {%- if fit.uses_return_rate %}
            when return_rate_pct is null then null
            {%- endif %}
            else {{ nearest_cluster(fit, answer) }}
        end
{%- endfor %}
{%- for segmentation, config in segmentations().items() if config.method == 'rules' %}
{%- for shop, edges in shops.items() %}
    when shop = '{{ shop }}' and segmentation = '{{ segmentation }}' then
        case
            when recency_days is null or frequency is null or monetary is null then null
            else {{ first_fitting_segment(config.rules, edges, answer) }}
        end
{%- endfor %}
{%- endfor %}
end
{%- endmacro %}


{% macro segment_parameters(parameters) %}
{% set fits = [] %}
{% if not execute %}{{ return(fits) }}{% endif %}
{% set query %}
select * from {{ parameters }}
order by shop, segmentation, cluster_id
{% endset %}
{% for row in run_query(query).rows %}
    {% if row['cluster_id'] | int == -1 %}
        {% do fits.append({
            'shop': row['shop'], 'segmentation': row['segmentation'], 'names': {}, 'z_scores': [], 'centres': [],
        }) %}
    {% elif row['cluster_id'] | int > 0 %}
        {% set z_scores, centre = [], [] %}
        {% for feature in ['recency_days', 'frequency', 'monetary', 'return_rate_pct'] if row[feature ~ '_centre'] %}
            {% do z_scores.append(z_score_sql(feature, row['transform'], row[feature ~ '_scale'])) %}
            {% do centre.append(row[feature ~ '_centre']) %}
        {% endfor %}
        {% do fits[-1].update({'z_scores': z_scores, 'uses_return_rate': row['return_rate_pct_centre'] is not none}) %}
        {% do fits[-1].centres.append(centre) %}
    {% endif %}
    {% do fits[-1].names.update({row['cluster_id'] | int | string: row['segment']}) %}
{% endfor %}
{{ return(fits) }}
{% endmacro %}


{% macro z_score_sql(feature, transform, scale) -%}
{%- if transform == 'log' -%}
ln(1.0e0 + greatest({{ feature }}, 0)) / {{ scale }}
{%- else -%}
{{ feature }} / {{ scale }}
{%- endif -%}
{%- endmacro %}


{% macro score_edge_parameters(score_edges) %}
{% set shops = {} %}
{% if not execute %}{{ return(shops) }}{% endif %}
{% set query %}
select
    shop,
    measure,
    score,
    cast(lowest_value as {{ dbt.type_string() }}) as lowest_value
from {{ score_edges }}
order by shop, measure, case when measure = 'recency_days' then score else -score end
{% endset %}
{% for row in run_query(query).rows %}
    {% do shops.setdefault(row['shop'], {}).setdefault(row['measure'], []).append(row) %}
{% endfor %}
{{ return(shops) }}
{% endmacro %}


{% macro score_by_edges(measure, edges) -%}
case when {{ measure }} is null then null
{%- for edge in edges[:-1] %} when {{ measure }} >= {{ edge['lowest_value'] }} then {{ edge['score'] }}{% endfor -%}
{{ ' ' }}else {{ edges[-1]['score'] }} end
{%- endmacro %}
