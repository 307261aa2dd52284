{% macro month_of(day) -%}
cast({{ dbt.date_trunc('month', day) | trim }} as date)
{%- endmacro %}


{% macro add_months(months, month) -%}
cast({{ dbt.dateadd('month', months, month) | trim }} as date)
{%- endmacro %}


{% macro add_days(days, day) -%}
cast({{ dbt.dateadd('day', days, day) | trim }} as date)
{%- endmacro %}


{% macro months_between(earlier, later) -%}
cast({{ dbt.datediff(earlier, later, 'month') | trim }} as integer)
{%- endmacro %}


{#- How far revenue is summed on both sides of a month-end: 90 days, whatever var prediction_horizon_days says. -#}
{% macro revenue_window_days() %}
{{ return(90) }}
{% endmacro %}


{% macro is_after_as_of_date(timestamp_column) -%}
{%- if var('as_of_date') is none -%}
false
{%- else -%}
{{ timestamp_column }} >= cast('{{ var("as_of_date") }}' as timestamp)
{%- endif -%}
{%- endmacro %}


{#- A clock may be wrong, or in another zone: one day more than today (UTC) is accepted. -#}
{% macro latest_believable_day() %}
{{ return((run_started_at + modules.datetime.timedelta(days=1)).strftime('%Y-%m-%d')) }}
{% endmacro %}


{% macro is_believable_time(time) -%}
{{ time }} >= cast('1990-01-01' as timestamp)
            and {{ time }} < {{ dbt.dateadd('day', 1, "cast('" ~ latest_believable_day() ~ "' as timestamp)") | trim }}
{%- endmacro %}
