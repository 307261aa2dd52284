{#- How each engine tells what is there now; dbt's cache does not know what a hook or another program has just made. -#}

{% macro column_types(relation) %}
{{ return(adapter.dispatch('column_types', 'patronage')(relation)) }}
{% endmacro %}

{% macro duckdb__column_types(relation) %}
{% set columns_query %}
describe {{ relation }}
{% endset %}
{% set types = {} %}
{% for row in run_query(columns_query).rows %}{% do types.update({row['column_name']: row['column_type']}) %}{% endfor %}
{{ return(types) }}
{% endmacro %}


{% macro kind_of_type(type) %}
{{ return(adapter.dispatch('kind_of_type', 'patronage')(type)) }}
{% endmacro %}

{% macro default__kind_of_type(type) %}
{% set kind = type | upper %}
{% if kind.startswith('TIMESTAMP') or kind == 'DATE' %}{{ return('time') }}{% endif %}
{% if kind.startswith('VARCHAR') or kind.startswith('ENUM') or kind == 'STRING' %}{{ return('text') }}{% endif %}
{% if kind.startswith('DECIMAL') or kind in ['DOUBLE', 'FLOAT', 'REAL'] or 'INT' in kind %}{{ return('number') }}{% endif %}
{{ return('other') }}
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
    lower(table_name) = lower({{ sql_text(parts[-1]) }})
    {% if parts | length > 1 %}and lower(table_schema) = lower({{ sql_text(parts[-2]) }}){% endif %}
    {% if parts | length > 2 %}and lower(table_catalog) = lower({{ sql_text(parts[-3]) }}){% endif %}
{% endset %}
{{ return(run_query(relations_query).rows | length > 0) }}
{% endmacro %}


{% macro python_package_version() %}
{{ return(adapter.dispatch('python_package_version', 'patronage')()) }}
{% endmacro %}

{% macro duckdb__python_package_version() %}
{% set function_query %}
select 1 from duckdb_functions() where function_name = 'patronage_version' limit 1
{% endset %}
{{ return(run_query('select patronage_version()').rows[0][0] if run_query(function_query).rows else none) }}
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


{% macro has_foreign_lines() %}
{{ return(adapter.dispatch('has_foreign_lines', 'patronage')()) }}
{% endmacro %}

{% macro default__has_foreign_lines() %}
{{ return(false) }}
{% endmacro %}

{% macro duckdb__has_foreign_lines() %}
{#- DuckDB makes a view of it, patronage take-over a table. -#}
{% set model = graph.nodes.values() | selectattr('name', 'equalto', 'int_line_orders') | first %}
{% set orders = load_relation(relation_of(model)) %}
{{ return(orders is not none and orders.is_table) }}
{% endmacro %}


{% macro clear_unfinished_tables() %}
{% do adapter.dispatch('clear_unfinished_tables', 'patronage')() %}
{% endmacro %}

{% macro default__clear_unfinished_tables() %}
{% endmacro %}
