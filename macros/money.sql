{% macro money_type() -%}
decimal(18, 4)
{%- endmacro %}


{#- Rounded at once, 183.295 is 183.30 to DuckDB 1.5 and 183.29 to DuckDB 2.0, because no double is 183.295; as a -#}
{#- decimal with more digits first, it is 183.30 to both, as it is by hand. -#}
{#- Rounding a decimal of 38 digits takes DuckDB a hundred times as long as one of 18, which has room for 6 before the point. -#}
{% macro rounded(value, decimals) -%}
case
            when abs({{ value }}) < 100000
                then cast(cast({{ value }} as decimal(18, 12)) as decimal(18, {{ decimals }}))
            else cast(cast({{ value }} as decimal(38, 12)) as decimal(18, {{ decimals }}))
        end
{%- endmacro %}


{% macro money_ratio(amount, whole) -%}
{{ rounded('cast(' ~ amount ~ ' as double) / nullif(' ~ whole ~ ', 0)', 2) }}
{%- endmacro %}


{#- Barcodes have 12 digits and more: a column that has slipped is no sale. -#}
{% macro is_believable_amount(amount) -%}
{{ amount }} between -99999999999.9999 and 99999999999.9999
{%- endmacro %}


{% macro is_believable_count(number) -%}
{{ number }} between -999999999 and 999999999
{%- endmacro %}


{#- The product is computed with 38 digits: with 18 the multiplication itself overflows, and no try_cast around it helps. -#}
{% macro line_amount(quantity, unit_price) -%}
{{ read_as(read_as(unit_price, 'decimal(28, 4)') ~ ' * ' ~ read_as(quantity, 'integer'), money_type()) }}
{%- endmacro %}
