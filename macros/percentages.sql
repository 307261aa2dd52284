{% macro percentage(part, whole) -%}
cast(round(cast(100 as double) * ({{ part }}) / nullif({{ whole }}, 0), 6) as decimal(18, 6))
{%- endmacro %}


{% macro difference_pct(figure, reference) -%}
cast(
            round(100 * (cast({{ figure }} as double) / nullif({{ reference }}, 0) - 1), 6)
            as decimal(18, 6)
        )
{%- endmacro %}
