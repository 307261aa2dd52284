{% macro text_by_shop(var_name, shop) -%}
{#- What is no mapping is refused before the run, together with all else that is wrong. -#}
{%- set texts = var(var_name) if var(var_name) is mapping else {} -%}
{%- if texts -%}
case {{ shop }}
            {%- for name, text in texts.items() %}
            when {{ sql_text(name) }} then {{ sql_text(text) }}
            {%- endfor %}
        end
{%- else -%}
cast(null as {{ dbt.type_string() }})
{%- endif -%}
{%- endmacro %}
