{% macro month_of(day) -%}
cast({{ dbt.date_trunc('month', day) }} as date)
{%- endmacro %}


{% macro add_months(months, month) -%}
cast({{ dbt.dateadd('month', months, month) }} as date)
{%- endmacro %}


{% macro add_days(days, day) -%}
cast({{ dbt.dateadd('day', days, day) }} as date)
{%- endmacro %}


{#- How far revenue is summed on both sides of a month-end: the horizon of the predictions. -#}
{% macro revenue_window_days() %}
{{ return(90) }}
{% endmacro %}
