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


{% macro months_followed() %}
{{ return(12) }}
{% endmacro %}


{% macro is_after_as_of_date(timestamp_column) -%}
{%- if var('as_of_date') is none -%}
false
{%- else -%}
{{ timestamp_column }} >= cast('{{ var("as_of_date") }}' as timestamp)
{%- endif -%}
{%- endmacro %}


{% macro is_believable_time(time) -%}
{{ time }} >= cast('1990-01-01' as timestamp)
            and {{ time }} < {{ end_of_believable_time() }}
{%- endmacro %}


{% macro end_of_believable_time() -%}
{#- A clock may be wrong, or in another zone: the day after the raw tables came in (UTC) is the last. -#}
{%- set times = landing_times() if execute else {} -%}
{%- if times -%}
case shop
                {%- for shop, landed_at in times.items() %}
                when {{ sql_text(shop) }} then {{ start_of_day_after_next(landed_at) }}
                {%- endfor %}
                else {{ start_of_day_after_next(run_started_at) }}
            end
{%- else -%}
{{ start_of_day_after_next(run_started_at) }}
{%- endif -%}
{%- endmacro %}


{% macro start_of_day_after_next(moment) -%}
cast('{{ (moment + modules.datetime.timedelta(days=2)).strftime('%Y-%m-%d') }}' as timestamp)
{%- endmacro %}


{% macro landing_times() %}
{% set times = {} %}
{% set found = query_extracts('select shop, max(landed_at) from ' ~ extracts_relation() ~ ' group by shop order by shop') %}
{% for row in ([] if found is none else found.rows) %}{% do times.update({row[0]: row[1]}) %}{% endfor %}
{{ return(times) }}
{% endmacro %}


{% macro believable(moment) -%}
(case when {{ moment }} >= cast('1990-01-01' as timestamp) and {{ moment }} < cast('{{ (run_started_at + modules.datetime.timedelta(days=2)).strftime('%Y-%m-%d') }}' as timestamp) then {{ moment }} end)
{%- endmacro %}
