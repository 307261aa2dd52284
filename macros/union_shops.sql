{% macro union_shops(grain) -%}
{%- do check_choices('shops', var('shops'), ['order_lines', 'orders', 'customers']) -%}
{%- set columns = canonical_columns(grain) -%}
{%- set shops = [] -%}
{%- for shop, shop_grain in var('shops').items() if shop_grain == grain -%}
    {%- do shops.append(shop) -%}
{%- endfor -%}
{%- for shop in shops %}
    select
        '{{ shop }}' as shop,
        {{ columns | join(',\n        ') }}
    from {{ ref('stg_' ~ shop ~ '__' ~ grain) }}
    {{- '\n    union all' if not loop.last }}
{%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as shop
        {%- for column, type in columns.items() %},
        cast(null as {{ type }}) as {{ column }}
        {%- endfor %}
    where false
{%- endfor %}
{%- endmacro %}


{% macro canonical_columns(grain) -%}
{#- The declared input: what a shop's entry model has to offer, by grain. -#}
{%- set text, whole = dbt.type_string(), dbt.type_bigint() -%}
{%- if grain == 'order_lines' -%}
{{ return({
    'order_id': text, 'customer_id': text, 'product_id': text, 'product_name': text, 'country': text,
    'quantity': 'integer', 'unit_price': money_type(), 'ordered_at': 'timestamp',
}) }}
{%- elif grain == 'orders' -%}
{{ return({
    'order_id': text, 'customer_id': text, 'country': text, 'state': text, 'order_status': text,
    'units': whole, 'amount': money_type(), 'ordered_at': 'timestamp',
}) }}
{%- endif -%}
{{ return({
    'customer_id': text, 'country': text, 'state': text, 'frequency': whole,
    'gross_revenue': money_type(), 'is_premium': 'boolean', 'first_ordered_on': 'date',
    'last_ordered_on': 'date',
}) }}
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
