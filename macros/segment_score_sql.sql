{% macro segment_score_sql() -%}
{%- set fits = segment_parameters(ref('segment_centroids'), ref('int_cluster_names')) -%}
case
{%- for fit in fits %}
    when shop = '{{ fit.shop }}' and segmentation = '{{ fit.segmentation }}' then
        case
            when recency_days is null or frequency is null or monetary is null then null
            when frequency <= 0 or monetary <= 0
                then {{ score_struct('0', sql_text(fit.names['0']), '1.0e0') }}
            else {{ nearest_cluster(fit) }}
        end
{%- endfor %}
    {{ 'when true then ' if not fits else 'else ' }}{{ score_struct('null', 'null', 'null') }}
end
{%- endmacro %}


{% macro segment_parameters(centroids, names) %}
{% set fits = [] %}
{% if not execute %}{{ return(fits) }}{% endif %}
{% set features = ['recency_days', 'frequency', 'monetary', 'return_rate_pct'] %}
{% set columns = ['names.shop', 'names.segmentation', 'names.cluster_id', 'names.segment', 'centroids.transform'] %}
{% for feature in features %}
    {% for part in ['centre', 'scale'] %}
        {% do columns.append(text_of_double('centroids.' ~ feature ~ '_' ~ part) ~ ' as ' ~ feature ~ '_' ~ part) %}
    {% endfor %}
{% endfor %}
{% set rows = run_query(
    'select ' ~ columns | join(', ') ~ ' from ' ~ names ~ ' as names left join ' ~ centroids ~ ' as centroids on names.shop'
    ~ ' = centroids.shop and names.segmentation = centroids.segmentation and names.cluster_id = centroids.cluster_id'
    ~ ' order by 1, 2, 3'
).rows %}
{% for row in rows %}
    {% if row['cluster_id'] | int == 0 %}
        {% do fits.append({
            'shop': row['shop'], 'segmentation': row['segmentation'], 'names': {}, 'distances': [],
        }) %}
    {% else %}
        {% set terms = [] %}
        {% for feature in features if row[feature ~ '_centre'] is not none %}
            {% set value = 'greatest(' ~ feature ~ ', 0)' %}
            {% set value = 'ln(1.0e0 + ' ~ value ~ ')' if row['transform'] == 'log' else feature %}
            {% do terms.append({
                'value': value, 'centre': row[feature ~ '_centre'], 'scale': row[feature ~ '_scale'],
            }) %}
        {% endfor %}
        {% do fits[-1].distances.append(terms) %}
    {% endif %}
    {% do fits[-1].names.update({row['cluster_id'] | int | string: row['segment']}) %}
{% endfor %}
{{ return(fits) }}
{% endmacro %}
