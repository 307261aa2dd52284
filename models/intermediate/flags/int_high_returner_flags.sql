with

orders as (

    select * from {{ ref('int_orders') }}
    where purchase_lines > 0

),

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

high_returners as (

    select distinct
        customer_segments.shop,
        customer_segments.customer_id
    from {{ ref('int_customer_segments') }} as customer_segments
    inner join {{ ref('int_segment_meanings') }} as meanings
        on
            customer_segments.segmentation = meanings.segmentation
            and customer_segments.segment = meanings.segment
    where meanings.is_returner

),

-- an order can only be acted on while it is fresh
fresh as (

    select
        orders.shop,
        orders.order_id,
        customers.units_purchased,
        customers.units_returned
    from orders
    inner join high_returners
        on
            orders.shop = high_returners.shop
            and orders.customer_id = high_returners.customer_id
    inner join customers
        on
            orders.shop = customers.shop
            and orders.customer_id = customers.customer_id
    where
        {{ dbt.datediff('orders.ordered_on', 'customers.as_of_date', 'day') }}
        <= {{ var('flag_high_returner_days') }}

),

worded as (

    select
        shop,
        order_id,
        concat(
            'order of a High Returner (', {{ returned_words('units_returned', 'units_purchased') }},
            ')'
        ) as reason
    from fresh

)

select * from worded
