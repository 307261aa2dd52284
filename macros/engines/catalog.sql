{#- How each engine tells what is there now; dbt's cache does not know what a hook or another program has just made. -#}

{% macro headers_of(source) %}
{{ return(adapter.dispatch('headers_of', 'patronage')(source)) }}
{% endmacro %}

{% macro duckdb__headers_of(source) %}
{% set headers_query %}
describe select * from {{ source }}
{% endset %}
{{ return(run_query(headers_query).columns['column_name'].values() | list) }}
{% endmacro %}


{% macro relation_exists(location) %}
{{ return(adapter.dispatch('relation_exists', 'patronage')(location)) }}
{% endmacro %}

{% macro duckdb__relation_exists(location) %}
{% set parts = (location | replace('"', '')).split('.') %}
{% set relations_query %}
select 1
from information_schema.tables
where
    lower(table_name) = lower('{{ parts[-1] }}')
    {% if parts | length > 1 %}and lower(table_schema) = lower('{{ parts[-2] }}'){% endif %}
    {% if parts | length > 2 %}and lower(table_catalog) = lower('{{ parts[-3] }}'){% endif %}
{% endset %}
{{ return(run_query(relations_query).rows | length > 0) }}
{% endmacro %}


{% macro function_exists(function) %}
{{ return(adapter.dispatch('function_exists', 'patronage')(function)) }}
{% endmacro %}

{% macro duckdb__function_exists(function) %}
{% set functions_query %}
select 1
from duckdb_functions()
where
    database_name = '{{ function.database }}'
    and schema_name = '{{ function.schema }}'
    and function_name = '{{ function.alias }}'
limit 1
{% endset %}
{{ return(run_query(functions_query).rows | length > 0) }}
{% endmacro %}
