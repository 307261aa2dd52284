{% macro raw_extract(name) -%}
{%- if location_of_extract(name) is none -%}
{%- do land_demo(name, ref('demo_' ~ name)) -%}
{%- endif -%}
select
{%- if execute %}
{%- set types = extract_types(name) %}
{%- for column in extract_config(name).headers %}
    {% if column in types %}{{ column }}{% else %}cast(null as {{ dbt.type_string() }}) as {{ column }}{% endif %}
    {{- ',' }}
{%- endfor %}
{%- endif %}
    file,
    line
from {{ raw_relation(name) }}
{{- ' where false' if flags.EMPTY }}
{%- endmacro %}


{% macro land_demo(name, seed) %}
{#- Seeds are built by the same command, so that the first reader brings them in, and not the check before the run. -#}
{% set known = query_extract(name) if execute and flags.WHICH in ['build', 'run', 'retry'] else none %}
{% if known is not none and (not known or known[0]['location'] != seed.render()) %}
    {% set problems = [] %}
    {% do land_extract(problems, name, extract_config(name), seed.render(), true) %}
    {% if not problems %}{% do decide_styles(problems, name) %}{% endif %}
    {% do stop_at(problems) %}
{% endif %}
{% endmacro %}


{% macro extract_types(name) %}
{% set relation = raw_relation(name) %}
{{ return(column_types(relation) if relation_exists(raw_schema() ~ '.' ~ name) else {}) }}
{% endmacro %}


{% macro extract_styles(name) %}
{% set decided = query_extract(name) if execute else [] %}
{{ return(decided[0] if decided else {}) }}
{% endmacro %}
