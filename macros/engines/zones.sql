{#- How each engine knows time zones. -#}

{% macro timestamp_of_type(column, type, time_zone) %}
{{ return(adapter.dispatch('timestamp_of_type', 'patronage')(column, type, time_zone)) }}
{% endmacro %}

{% macro duckdb__timestamp_of_type(column, type, time_zone) -%}
{#- A cast alone would take the time zone of the machine. -#}
{%- if type == 'TIMESTAMP WITH TIME ZONE' -%}
timezone('{{ time_zone }}', {{ column }})
{%- else -%}
cast({{ column }} as timestamp)
{%- endif -%}
{%- endmacro %}


{% macro time_zones() %}
{{ return(adapter.dispatch('time_zones', 'patronage')()) }}
{% endmacro %}

{% macro duckdb__time_zones() %}
{{ return(run_query('select name from pg_timezone_names()').columns[0].values() | list) }}
{% endmacro %}
