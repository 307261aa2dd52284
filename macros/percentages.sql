{% macro percentage(part, whole) -%}
{{ rounded('cast(100 as double) * (' ~ part ~ ') / nullif(' ~ whole ~ ', 0)', 6) }}
{%- endmacro %}


{#- For people: two decimals. What is summed or scored by later takes percentage. -#}
{% macro share_pct(part, whole) -%}
{{ rounded('cast(100 as double) * (' ~ part ~ ') / nullif(' ~ whole ~ ', 0)', 2) }}
{%- endmacro %}


{% macro difference_pct(figure, reference) -%}
{{ rounded('100 * (cast(' ~ figure ~ ' as double) / nullif(' ~ reference ~ ', 0) - 1)', 2) }}
{%- endmacro %}
