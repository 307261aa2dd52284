{% macro percentage(part, whole) -%}
cast(round(cast(100 as double) * ({{ part }}) / nullif({{ whole }}, 0), 6) as decimal(18, 6))
{%- endmacro %}


{% macro money_ratio(amount, whole) -%}
cast(round(cast({{ amount }} as double) / nullif({{ whole }}, 0), 4) as {{ money_type() }})
{%- endmacro %}


{% macro difference_pct(figure, reference) -%}
cast(
            round(100 * (cast({{ figure }} as double) / nullif({{ reference }}, 0) - 1), 6)
            as decimal(18, 6)
        )
{%- endmacro %}


{% macro decimal_text(number, decimals) -%}
cast(cast(round({{ number }}, {{ decimals }}) as decimal(18, {{ decimals }})) as {{ dbt.type_string() }})
{%- endmacro %}
