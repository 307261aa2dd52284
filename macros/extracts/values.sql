{% macro read_text(column) -%}
{#- Spaces that do not break stand around texts of spreadsheets and web pages. -#}
nullif({{ trim_blanks(text_of(column)) }}, '')
{%- endmacro %}


{% macro read_id(column) -%}
{#- Most ids have no point: they are spared the regular expression. -#}
{%- set text = text_of(column) -%}
case
            when {{ text }} like '%.0%' then regexp_replace({{ trim_blanks(text) }}, '[.]0+$', '')
            else {{ trim_blanks(text) }}
        end
{%- endmacro %}


{% macro read_whole_number(column, extract) -%}
{%- set styles, types = extract_styles(extract), extract_types(extract) if execute else {} -%}
{%- if kind_of_type(types.get(column, '')) == 'number' -%}
{{ cast_whole_number(column) }}
{%- elif styles.get('has_plain_numbers') -%}
{{ read_as(column, 'integer') }}
{%- else -%}
{{ parse_whole_number(text_of(column), styles.get('decimal_sign'), execute and extract in var('extract_decimal_signs')) }}
{%- endif -%}
{%- endmacro %}


{% macro read_money(column, extract) -%}
{%- set styles, types = extract_styles(extract), extract_types(extract) if execute else {} -%}
{%- if types.get(column) == 'FLOAT' -%}
{#- As text: 1062.06 has no nearer neighbour among such numbers, and 1062.0599 more digits than they hold. -#}
{{ read_as(text_of(column), money_type()) }}
{%- elif kind_of_type(types.get(column, '')) == 'number' or styles.get('has_plain_numbers') -%}
{{ read_as(column, money_type()) }}
{%- else -%}
{{ parse_number(text_of(column), styles.get('decimal_sign'), true) }}
{%- endif -%}
{%- endmacro %}


{% macro read_timestamp(column, extract) -%}
{%- set styles, types = extract_styles(extract), extract_types(extract) if execute else {} -%}
{%- if kind_of_type(types.get(column, '')) == 'time' -%}
{{ timestamp_of_type(column, types[column], styles.get('time_zone') or 'UTC') }}
{%- elif styles.get('date_format') -%}
{{ parse_plain_timestamp(text_of(column), styles['date_format']) }}
{%- else -%}
{{ parse_timestamp(text_of(column), styles.get('date_order') or 'iso', styles.get('time_zone') or 'UTC') }}
{%- endif -%}
{%- endmacro %}


{% macro text_of(column) -%}
cast({{ column }} as {{ dbt.type_string() }})
{%- endmacro %}


{% macro cast_whole_number(column) -%}
case
            when {{ read_as(column, 'double') }} = {{ read_as(column, 'integer') }}
                then {{ read_as(column, 'integer') }}
        end
{%- endmacro %}


{% macro parse_whole_number(text, sign, is_sign_set) -%}
{#- 6.000 among whole numbers is six or six thousand: only the var knows. -#}
{%- set decimal = ',' if sign == 'comma' else '.' -%}
case
            when
                {{ matches(text, '[^' ~ decimal ~ ']*(?:[' ~ decimal ~ ']0*)?[^0-9]*') }}
                {%- if not is_sign_set %}
                and not {{ matches(text, '[^0-9]*[1-9][0-9]{0,2}[' ~ decimal ~ ']000[^0-9]*') }}
                {%- endif %}
                then {{ read_as(parse_number(text, sign, false), 'integer') }}
        end
{%- endmacro %}


{% macro parse_number(text, sign, may_have_currency) -%}
{%- set sign = sign or 'point' -%}
case
            when {{ matches(text, number_pattern(sign, may_have_currency)) }}
                then case when {{ matches(text, '.*[-\\x{2212}\\x{2013}(].*') }} then -1 else 1 end
                    * {{ read_as(digits_of(text, sign), money_type()) }}
        end
{%- endmacro %}


{% macro digits_of(text, sign) -%}
{%- if sign == 'comma' -%}
replace({{ without(text, '[^0-9,]') }}, ',', '.')
{%- else -%}
{{ without(text, '[^0-9.]') }}
{%- endif -%}
{%- endmacro %}


{% macro number_pattern(sign, may_have_currency=true) %}
{#- Thousands in threes, all by one sign; a minus before or behind, or brackets; a currency before or behind. -#}
{% set separator, decimal = (',', '[.]') if sign == 'point' else ('[.]', ',') %}
{% set whole = "(?:[0-9]+|[0-9]{1,3}(?:" ~ separator ~ "[0-9]{3})+|[0-9]{1,3}(?:[ \\x{A0}\\x{202F}\\x{2009}'\\x{2019}][0-9]{3})+)" %}
{% set number = '(?:' ~ whole ~ '(?:' ~ decimal ~ '[0-9]*)?|' ~ decimal ~ '[0-9]+)' %}
{% set blank = '[\\s\\x{A0}\\x{202F}]*' %}
{% set minus = '[-+\\x{2212}\\x{2013}]' %}
{% set currency = '(?:' ~ currency_pattern() ~ ')' if may_have_currency else '(?:)' %}
{% set amount = currency ~ '?' ~ blank ~ number ~ blank ~ currency ~ '?' %}
{{ return(
    blank ~ '(?:' ~ minus ~ '?' ~ blank ~ amount ~ '|' ~ currency ~ blank ~ minus ~ number ~ '|' ~ amount ~ '-'
    ~ '|[(]' ~ blank ~ amount ~ blank ~ '[)])' ~ blank
) }}
{% endmacro %}


{% macro currency_pattern() %}
{{ return('R\\$|\\p{Sc}|(?i:GBP|USD|EUR|BRL|CHF|SEK|NOK|DKK|PLN|CZK|HUF|JPY|CNY|INR|AUD|CAD|NZD|MXN|ZAR|TRY|kr|zł|Rs)') }}
{% endmacro %}
