{#- How each engine lists months. -#}

{% macro each_month(first_month, last_month) %}
{{ return(adapter.dispatch('each_month', 'patronage')(first_month, last_month)) }}
{% endmacro %}

{% macro duckdb__each_month(first_month, last_month) -%}
cast(unnest(generate_series({{ first_month }}, {{ last_month }}, interval 1 month)) as date)
{%- endmacro %}
