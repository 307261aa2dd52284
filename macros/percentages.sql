{% macro percentage(part, whole) -%}
cast(round(cast(100 as double) * ({{ part }}) / nullif({{ whole }}, 0), 6) as decimal(18, 6))
{%- endmacro %}


{#- For people: two decimals. What is summed or scored by later takes percentage. -#}
{% macro share_pct(part, whole) -%}
cast(round(cast(100 as double) * ({{ part }}) / nullif({{ whole }}, 0), 2) as decimal(18, 2))
{%- endmacro %}


{% macro difference_pct(figure, reference) -%}
cast(
            round(100 * (cast({{ figure }} as double) / nullif({{ reference }}, 0) - 1), 2)
            as decimal(18, 2)
        )
{%- endmacro %}
