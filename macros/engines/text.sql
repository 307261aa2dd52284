{#- How each engine writes numbers in words, and looks into texts. -#}

{% macro number_words(number, decimals=0) %}
{{ return(adapter.dispatch('number_words', 'patronage')(number, decimals)) }}
{% endmacro %}

{% macro default__number_words(number, decimals=0) -%}
format_number(cast({{ number }} as decimal(38, {{ decimals }})), {{ decimals }})
{%- endmacro %}

{% macro duckdb__number_words(number, decimals=0) -%}
{#- The rounding is done as DECIMAL: format() alone rounds 0.125 to the even neighbour. -#}
format('{:,.{{ decimals }}f}', cast(cast({{ number }} as decimal(38, {{ decimals }})) as double))
{%- endmacro %}


{% macro matches(text, pattern) %}
{{ return(adapter.dispatch('matches', 'patronage')(text, pattern)) }}
{% endmacro %}

{% macro default__matches(text, pattern) -%}
regexp_like({{ text }}, {{ sql_text('^(?:' ~ pattern ~ ')$') }})
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
regexp_full_match({{ text }}, {{ sql_text(pattern) }})
{%- endmacro %}


{% macro blanks() %}
{{ return(adapter.dispatch('blanks', 'patronage')()) }}
{% endmacro %}

{% macro duckdb__blanks() -%}
concat(' ', chr(9), chr(10), chr(13), chr(160), chr(8201), chr(8203), chr(8239), chr(65279))
{%- endmacro %}


{% macro currency_of(text) %}
{{ return(adapter.dispatch('currency_of', 'patronage')(text)) }}
{% endmacro %}

{% macro default__currency_of(text) -%}
regexp_extract({{ text }}, {{ sql_text(currency_pattern()) }}, 0)
{%- endmacro %}
