{#- How Spark writes and looks into texts. -#}

{% macro spark__sql_text(value) -%}
{#- In its texts a backslash begins an escape. -#}
{{ default__sql_text(value if value is none else value | replace('\\', '\\\\')) }}
{%- endmacro %}


{% macro spark__trim_blanks(text) -%}
btrim({{ text }}, ' \t\n\r\u00a0\u2009\u200b\u202f\ufeff')
{%- endmacro %}


{% macro spark__without(text, pattern) -%}
regexp_replace({{ text }}, {{ sql_text(pattern) }}, '')
{%- endmacro %}
