{#- How each engine creates the functions of functions/. dbt's own template writes RETURNS, which DuckDB does not know. -#}

{% macro duckdb__scalar_function_sql(target_relation) %}
create or replace macro {{ target_relation }}(
    {{- model.arguments | map(attribute='name') | join(', ') -}}
) as (
    {{ model.compiled_code }}
)
{% endmacro %}


{% macro score_struct(cluster_id, segment, confidence) %}
{{ return(adapter.dispatch('score_struct', 'clientele')(cluster_id, segment, confidence)) }}
{% endmacro %}

{% macro duckdb__score_struct(cluster_id, segment, confidence) %}
{{ return(
    '{cluster_id: cast(' ~ cluster_id ~ ' as integer), segment: cast(' ~ segment ~ ' as varchar), '
    ~ 'confidence: cast(' ~ confidence ~ ' as double)}'
) }}
{% endmacro %}


{% macro nearest_cluster(fit) %}
{{ return(adapter.dispatch('nearest_cluster', 'clientele')(fit)) }}
{% endmacro %}

{% macro duckdb__nearest_cluster(fit) %}
{% set distances, names = [], [] %}
{% for terms in fit.distances %}
    {% set squares = [] %}
    {% for term in terms %}
        {% do squares.append('power((' ~ term.value ~ ' - ' ~ term.centre ~ ') / ' ~ term.scale ~ ', 2)') %}
    {% endfor %}
    {% do distances.append(squares | join(' + ')) %}
    {% do names.append(sql_text(fit.names[loop.index | string])) %}
{% endfor %}
{% set nearest = 'list_position(d, list_min(d))' %}
{% set confidence = 'case when list_sort(d)[2] > 0 then 1 - sqrt(list_min(d) / list_sort(d)[2]) else 0 end' %}
{{ return(
    'list_transform(\n[[\n' ~ distances | join(',\n') ~ '\n]],\nlambda d: '
    ~ score_struct(nearest, '[' ~ names | join(', ') ~ '][' ~ nearest ~ ']', confidence) ~ '\n)[1]'
) }}
{% endmacro %}


{% macro text_of_double(column) %}
{{ return(adapter.dispatch('text_of_double', 'clientele')(column)) }}
{% endmacro %}

{% macro duckdb__text_of_double(column) %}
{{ return(
    "case when cast(" ~ column ~ " as varchar) like '%e%' then cast(" ~ column ~ " as varchar) else cast(" ~ column
    ~ " as varchar) || 'e0' end"
) }}
{% endmacro %}
