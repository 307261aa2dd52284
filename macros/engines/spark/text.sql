{#- How Spark writes and looks into texts. -#}

{% macro spark__sql_text(value) -%}
{#- In its texts a backslash begins an escape. -#}
{{ default__sql_text(value if value is none else value | replace('\\', '\\\\')) }}
{%- endmacro %}


{#- (?u): no case in letters beyond English ones either, as on DuckDB. -#}
{% macro spark__matches(text, pattern) -%}
regexp_like({{ text }}, {{ sql_text('(?u)\\A(?:' ~ pattern ~ ')\\z') }})
{%- endmacro %}


{% macro spark__currency_of(text) -%}
regexp_extract({{ text }}, {{ sql_text('(?u)' ~ currency_pattern()) }}, 0)
{%- endmacro %}


{% macro spark__trim_blanks(text) -%}
btrim({{ text }}, ' \t\n\r\u00a0\u2009\u200b\u202f\ufeff')
{%- endmacro %}


{% macro spark__without(text, pattern) -%}
regexp_replace({{ text }}, {{ sql_text(pattern) }}, '')
{%- endmacro %}
