{#- How Spark counts days and months. -#}

{% macro spark__each_month(first_month, last_month) -%}
{#- sequence raises an error where the first month lies after the last. -#}
explode(case when {{ first_month }} <= {{ last_month }} then sequence({{ first_month }}, {{ last_month }}, interval 1 month) end)
{%- endmacro %}


{% macro spark__dateadd(datepart, interval, from_date_or_timestamp) -%}
{#- dbt-spark's own goes by seconds since 1970, and is null for times without a zone. -#}
{%- if datepart == 'day' -%}
date_add({{ from_date_or_timestamp }}, cast({{ interval }} as int))
{%- elif datepart == 'month' -%}
add_months({{ from_date_or_timestamp }}, cast({{ interval }} as int))
{%- else -%}
{{ exceptions.raise_compiler_error('dateadd: found ' ~ datepart ~ '; accepted on Spark: day, month.') }}
{%- endif -%}
{%- endmacro %}


{% macro spark__datediff(first_date, second_date, datepart) -%}
{#- Borders that lie between, as on DuckDB; dbt-spark's own counts whole months. -#}
{%- if datepart == 'day' -%}
cast(datediff({{ second_date }}, {{ first_date }}) as bigint)
{%- elif datepart == 'month' -%}
((year({{ second_date }}) - year({{ first_date }})) * 12 + month({{ second_date }}) - month({{ first_date }}))
{%- else -%}
{{ exceptions.raise_compiler_error('datediff: found ' ~ datepart ~ '; accepted on Spark: day, month.') }}
{%- endif -%}
{%- endmacro %}
