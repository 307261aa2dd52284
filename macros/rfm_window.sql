{#- Without a window an expression is taken as it is, and costs nothing. -#}
{% macro in_rfm_window(expression, ordered_on, as_of_date) -%}
{%- if var('rfm_window_days') is none -%}
{{ expression }}
{%- else -%}
case when {{ ordered_on }} >= {{ add_days(-var('rfm_window_days'), as_of_date) }} then {{ expression }} end
{%- endif -%}
{%- endmacro %}
