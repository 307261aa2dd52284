{% macro union_shops(grain) -%}
{#- The staging models of all shops that enter at a grain, one below the other, with the shop's name in front. -#}
{%- set shops = [] -%}
{%- for shop, shop_grain in var('shops').items() if shop_grain == grain -%}
    {%- do shops.append(shop) -%}
{%- endfor -%}
{%- for shop in shops %}
    select
        '{{ shop }}' as shop,
        *
    from {{ ref('stg_' ~ shop ~ '__' ~ grain) }}
    {{- '\n    union all\n' if not loop.last }}
{%- endfor %}
{%- endmacro %}


{% macro money_type() -%}
{#- Money is DECIMAL, never floating point, so that totals do not depend on the order of rows. -#}
decimal(18, 4)
{%- endmacro %}


{% macro is_after_as_of_date(timestamp_column) -%}
{#- Whether a line is dated on or after the as-of date that was asked for; false where none was. -#}
{%- if var('as_of_date') is none -%}
false
{%- else -%}
{{ timestamp_column }} >= cast('{{ var("as_of_date") }}' as timestamp)
{%- endif -%}
{%- endmacro %}
