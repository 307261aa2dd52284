{% macro money_type() -%}
decimal(18, 4)
{%- endmacro %}


{% macro money_ratio(amount, whole) -%}
cast(round(cast({{ amount }} as double) / nullif({{ whole }}, 0), 4) as {{ money_type() }})
{%- endmacro %}
