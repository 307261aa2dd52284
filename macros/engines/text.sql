{#- How each engine writes texts and numbers, and looks into texts. -#}

{% macro sql_text(value) -%}
{{ adapter.dispatch('sql_text', 'patronage')(value) }}
{%- endmacro %}

{% macro default__sql_text(value) -%}
{%- if value is none -%}
null
{%- else -%}
'{{ value | replace("'", "''") }}'
{%- endif -%}
{%- endmacro %}



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

{% macro duckdb__matches(text, pattern) -%}
regexp_full_match({{ text }}, {{ sql_text(pattern) }})
{%- endmacro %}


{% macro trim_blanks(text) %}
{{ return(adapter.dispatch('trim_blanks', 'patronage')(text)) }}
{% endmacro %}

{% macro duckdb__trim_blanks(text) -%}
{#- trim() reads its list anew for each value, which costs twelve times as much as finding that there is nothing to trim. -#}
{%- set blanks = ["' '"] -%}
{%- for code in [9, 10, 13, 160, 8201, 8203, 8239, 65279] %}{% do blanks.append('chr(' ~ code ~ ')') %}{% endfor -%}
case
            when
                {{ text }} >= '!' and {{ text }} < chr(127)
                {%- for blank in blanks %}
                and not suffix({{ text }}, {{ blank }})
                {%- endfor %}
                then {{ text }}
            else trim({{ text }}, concat({{ blanks | join(', ') }}))
        end
{%- endmacro %}


{% macro without(text, pattern) %}
{{ return(adapter.dispatch('without', 'patronage')(text, pattern)) }}
{% endmacro %}

{% macro duckdb__without(text, pattern) -%}
regexp_replace({{ text }}, {{ sql_text(pattern) }}, '', 'g')
{%- endmacro %}


{% macro currency_of(text) %}
{{ return(adapter.dispatch('currency_of', 'patronage')(text)) }}
{% endmacro %}

{% macro duckdb__currency_of(text) -%}
regexp_extract({{ text }}, {{ sql_text(currency_pattern()) }})
{%- endmacro %}
