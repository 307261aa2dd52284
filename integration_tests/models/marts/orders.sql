with

lines as (

    select * from {{ ref('stg_acme__order_lines') }}

),

summed as (

    select
        order_id,
        customer_id,
        min(ordered_at) as ordered_at,
        sum(quantity * unit_price) as amount
    from lines
    group by order_id, customer_id

)

select * from summed
