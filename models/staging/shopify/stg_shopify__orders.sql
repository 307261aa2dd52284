{{ config(post_hook="{{ stop_at_shopify_currencies() }}") }}
with

orders as (

    select * from {{ ref('base_shopify__orders') }}

),

furthest as (

    select * from orders
    where place = 1 and order_id is not null

),

-- each copy says what the furthest does, so that the surplus is counted as repeated; whose order it
-- is, and when it was placed, stays its own: ids that begin again show in it
joined as (

    select
        orders.order_id,
        {{ dbt.hash('orders.email') if var('hash_shopify_emails') else 'orders.email' }}
            as customer_id,
        orders.email,
        orders.created_at as ordered_at,
        orders.is_unreadable,
        coalesce(furthest.currency, orders.currency) as currency,
        coalesce(furthest.country, orders.country) as country,
        coalesce(furthest.state, orders.state) as state,
        coalesce(furthest.units, orders.units) as units,
        coalesce(furthest.total, orders.total) as amount,
        coalesce(furthest.refunded_amount, orders.refunded_amount) as returned_amount,
        case
            when coalesce(furthest.is_cancelled, orders.is_cancelled) then 'cancelled'
            else coalesce(furthest.financial_status, orders.financial_status)
        end as financial_status
    from orders
    left join furthest on orders.order_id = furthest.order_id

),

judged as (

    select
        order_id,
        customer_id,
        email,
        country,
        state,
        currency,
        {{ status_with_currency('financial_status', 'currency') }} as order_status,
        units,
        -- the units that the refund pays for, at the order's average price
        cast(
            case when amount > 0 then round(units * least(returned_amount / amount, 1)) else 0 end
            as {{ dbt.type_bigint() }}
        ) as units_returned,
        amount,
        returned_amount,
        is_unreadable,
        ordered_at
    from joined

)

select * from judged
