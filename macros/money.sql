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


{#- With 38 digits only where 18 could overflow, which no try_cast would help: DuckDB multiplies those slowly. -#}
{% macro line_amount(quantity, unit_price) -%}
{%- set units = read_as(quantity, 'integer') -%}
case
                    when {{ unit_price }} between -99999 and 99999 and {{ is_believable_count(quantity) }}
                        then cast(
                            cast({{ unit_price }} as decimal(9, 4)) * cast({{ units }} as decimal(9, 0))
                            as {{ money_type() }}
                        )
                    else {{ read_as(read_as(unit_price, 'decimal(28, 4)') ~ ' * ' ~ units, money_type()) }}
                end
{%- endmacro %}
