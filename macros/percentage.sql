{% macro percentage(part, whole) -%}
{#- 100 x part / whole as a DECIMAL, so that later sums do not depend on the order of rows; null where the whole is 0. -#}
cast(round(cast(100 as double) * ({{ part }}) / nullif({{ whole }}, 0), 6) as decimal(18, 6))
{%- endmacro %}


{% macro money_ratio(amount, whole) -%}
{#- An amount per unit of something (an average order value) as money; null where there are none. -#}
cast(round(cast({{ amount }} as double) / nullif({{ whole }}, 0), 4) as {{ money_type() }})
{%- endmacro %}
