{#- How each engine brings files in, and notes what was decided about them in raw.extracts. -#}

{% macro call_landing(request) %}
{{ return(adapter.dispatch('call_landing', 'patronage')(request)) }}
{% endmacro %}

{% macro duckdb__call_landing(request) %}
{% set function_query %}
select 1 from duckdb_functions() where function_name = 'land_extract' limit 1
{% endset %}
{% if not run_query(function_query).rows %}
    {{ return({'problem': "the profile lacks the plugin that brings raw extracts in; accepted: plugins: [{module: patronage.landing}]"
        ~ " in the output of profiles.yml.", 'news': []}) }}
{% endif %}
{{ return(fromjson(run_query('select land_extract(' ~ sql_text(request) ~ ')').rows[0][0])) }}
{% endmacro %}


{% macro query_extracts(query) %}
{{ return(adapter.dispatch('query_extracts', 'patronage')(query)) }}
{% endmacro %}

{% macro default__query_extracts(query) %}
{{ return(run_query(query) if relation_exists(raw_schema() ~ '.extracts') else none) }}
{% endmacro %}


{% macro change_extracts(statement) %}
{% do adapter.dispatch('change_extracts', 'patronage')(statement) %}
{% endmacro %}

{% macro default__change_extracts(statement) %}
{% do run_query(statement) %}
{% endmacro %}
