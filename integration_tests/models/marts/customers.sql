-- our own customers, as our reports have known them for years; patronage adds the segment
with

orders as (

    select * from {{ ref('orders') }}

),

segmented as (

    select * from {{ ref('patronage', 'customers') }}

),

summed as (

    select
        customer_id,
        count(*) as orders,
        sum(amount) as amount
    from orders
    group by customer_id

),

joined as (

    select
        summed.customer_id,
        segmented.segment,
        summed.orders,
        summed.amount
    from summed
    left join segmented
        on summed.customer_id = segmented.customer_id

)

select * from joined
