{% macro union_shops(grain) -%}
{%- do check_choices('shops', var('shops'), ['order_lines', 'orders', 'customers']) -%}
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
decimal(18, 4)
{%- endmacro %}


{% macro is_after_as_of_date(timestamp_column) -%}
{%- if var('as_of_date') is none -%}
false
{%- else -%}
{{ timestamp_column }} >= cast('{{ var("as_of_date") }}' as timestamp)
{%- endif -%}
{%- endmacro %}
