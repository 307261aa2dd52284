{#- How each engine writes numbers in words, and finds patterns in text. -#}

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


{% macro matches_whole(text, pattern) %}
{{ return(adapter.dispatch('matches_whole', 'patronage')(text, pattern)) }}
{% endmacro %}

{% macro duckdb__matches_whole(text, pattern) -%}
regexp_full_match({{ text }}, {{ sql_text(pattern) }})
{%- endmacro %}
