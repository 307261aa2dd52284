-- Nobody is written to whose latest orders are to be checked first; and nobody is a guest.
with

queue as (

    select * from {{ ref('patronage', 'contact_queue') }}

),

flagged as (

    select
        flagged_orders.shop,
        flagged_orders.customer_id
    from {{ ref('patronage', 'flagged_orders') }} as flagged_orders
    inner join {{ ref('patronage', 'shops') }} as shops
        on flagged_orders.shop = shops.shop
    where
        {{ dbt.datediff('flagged_orders.ordered_at', 'shops.as_of_date', 'day') }}
        <= {{ var('prediction_horizon_days') }}

),

customers as (

    select * from {{ ref('patronage', 'customers') }}

)

select
    queue.shop,
    queue.customer_id
from queue
left join flagged
    on
        queue.shop = flagged.shop
        and queue.customer_id = flagged.customer_id
left join customers
    on
        queue.shop = customers.shop
        and queue.customer_id = customers.customer_id
where
    flagged.customer_id is not null
    or customers.customer_id is null
    or abs(queue.money_at_stake - queue.leaving_probability * queue.revenue_ahead) > 0.01
