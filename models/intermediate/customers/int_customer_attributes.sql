{% set attributes = customer_attributes() -%}
{% set days = {
    'order_lines': 'ordered_at', 'orders': 'ordered_at', 'customers': 'last_ordered_on',
} -%}
with

valued as (

    {% for grain, day in days.items() if attributes and shops_of_grain(grain) %}
    select
        shop,
        {{ missing_customer_to_null('customer_id') }} as customer_id,
        {%- for name in attributes %}
        {{ name }},
        {%- endfor %}
        cast({{ day }} as timestamp) as known_at
    from ({{ union_shops(grain) }}) as {{ grain }}
    {{- '\n    union all' if not loop.last }}
    {% else %}
    select
        cast(null as {{ dbt.type_string() }}) as shop,
        cast(null as {{ dbt.type_string() }}) as customer_id,
        cast(null as timestamp) as known_at
    where false
    {% endfor %}

),

-- what an order says on which a build does not stand yet is not known yet
known as (

    select * from valued
    where
        customer_id is not null
        and {{ is_believable_time('known_at') }}
        and not {{ is_after_as_of_date('known_at') }}

),

-- of two values of one moment the last in the order of text
latest as (

    select
        shop,
        {%- for name in attributes %}
        {{ latest(name, 'known_at', name) }} as {{ name }},
        {%- endfor %}
        customer_id
    from known
    group by shop, customer_id

)

select * from latest
