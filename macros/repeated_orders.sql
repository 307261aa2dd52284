{% macro count_once(column) -%}
{%- if var('count_repeated_orders_once') -%}
cast(case when is_repeated then {{ column }} / 2 else {{ column }} end as {{ dbt.type_bigint() }})
{%- else -%}
cast({{ column }} as {{ dbt.type_bigint() }})
{%- endif -%}
{%- endmacro %}


{% macro money_once(amount) -%}
{%- if var('count_repeated_orders_once') -%}
case when is_repeated then {{ read_as(amount ~ ' * 0.5', money_type()) }} else {{ amount }} end
{%- else -%}
{{ amount }}
{%- endif -%}
{%- endmacro %}
