with

orders as (

    select * from {{ ref('base_olist__orders') }}

),

customers as (

    select * from {{ ref('base_olist__customers') }}

),

-- an order with three payments is one order: sums come before any join
payments_of_orders as (

    select
        order_id,
        count(*) > count(payment_amount)
        or {{ read_as('sum(payment_amount)', money_type()) }} is null as is_unreadable,
        {{ read_as('sum(payment_amount)', money_type()) }} as amount
    from {{ ref('base_olist__order_payments') }}
    group by order_id

),

items_of_orders as (

    select
        order_id,
        count(*) as units
    from {{ ref('base_olist__order_items') }}
    group by order_id

),

persons as (

    select
        order_customer_id,
        max(person_id) as person_id,
        max(state) as state
    from customers
    group by order_customer_id

),

joined as (

    select
        orders.order_id,
        persons.person_id as customer_id,
        'Brazil' as country,
        persons.state,
        orders.order_status,
        orders.ordered_at,
        coalesce(items_of_orders.units, 0) as units,
        -- what was paid is not known where one of the payments is not; a partial sum would be wrong
        case when not payments_of_orders.is_unreadable then payments_of_orders.amount end as amount,
        coalesce(payments_of_orders.is_unreadable, false) as is_unreadable
    from orders
    left join persons
        on orders.order_customer_id = persons.order_customer_id
    left join payments_of_orders
        on orders.order_id = payments_of_orders.order_id
    left join items_of_orders
        on orders.order_id = items_of_orders.order_id

)

select * from joined
