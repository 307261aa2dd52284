{% macro count_once(column) -%}
{#- A count or sum of whole units of an order, halved where the whole order arrived twice. -#}
{%- if var('count_repeated_orders_once') -%}
cast(case when is_repeated then {{ column }} / 2 else {{ column }} end as {{ dbt.type_bigint() }})
{%- else -%}
cast({{ column }} as {{ dbt.type_bigint() }})
{%- endif -%}
{%- endmacro %}


{% macro money_once(amount) -%}
{#- An amount of an order, halved where the whole order arrived twice; times 0.5 stays DECIMAL, a division would not. -#}
{%- if var('count_repeated_orders_once') -%}
cast(case when is_repeated then ({{ amount }}) * 0.5 else {{ amount }} end as {{ money_type() }})
{%- else -%}
cast({{ amount }} as {{ money_type() }})
{%- endif -%}
{%- endmacro %}
