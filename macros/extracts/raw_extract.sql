{% macro raw_extract(name) -%}
{%- set relation = raw_relation(name) -%}
select
{%- if execute %}
{%- set types = extract_types(name) %}
{%- for column in extract_config(name).headers %}
    {% if column in types %}{{ column }}{% else %}cast(null as {{ dbt.type_string() }}) as {{ column }}{% endif %}
    {{- ',' if not loop.last }}
{%- endfor %}
{%- else %} *
{%- endif %}
from {{ relation }}
{{- ' where false' if flags.EMPTY }}
{%- endmacro %}


{% macro extract_types(name) %}
{% set relation = raw_relation(name) %}
{{ return(column_types(relation) if relation_exists(relation.render()) else {}) }}
{% endmacro %}


{% macro extract_styles(name) %}
{#- What was decided before the run; a demo seed is looked at when its first reader is built. -#}
{% if not execute %}{{ return({}) }}{% endif %}
{% set decided = query_extract(name) %}
{% if not decided and var(name, none) is none and extract_types(name) %}
    {% do report_demo(name) %}
    {% set problems = [] %}
    {% do decide_styles(problems, name) %}
    {% do stop_at(problems) %}
    {% set decided = query_extract(name) %}
{% endif %}
{{ return(decided[0] if decided else {}) }}
{% endmacro %}
