{% macro wilson_bound_pct(part, whole, side) -%}
{#- Wilson (1927), p. 209; z is the 0.975 quantile of the normal distribution: 95 % lie within. -#}
{%- set z = '1.959963984540054e0' -%}
{%- set p -%}
(1.0e0 * {{ part }} / {{ whole }})
{%- endset -%}
{%- set bound -%}
100 * (
                {{ p }} + power({{ z }}, 2) / (2 * {{ whole }})
                {{ '-' if side == 'lower' else '+' }} {{ z }} * sqrt(
                    {{ p }} * (1 - {{ p }}) / {{ whole }} + power({{ z }} / (2 * {{ whole }}), 2)
                )
            ) / (1 + power({{ z }}, 2) / {{ whole }})
{%- endset -%}
{{ rounded(bound, 2) }}
{%- endmacro %}
