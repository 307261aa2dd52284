{{ config(materialized=view_or_table()) }}
with

orders as (

    select * from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0

),

-- an order lies after the ends of the months before its own, and before the end of its own and of
-- later ones: each end that is at most 90 days away
bounded as (

    select
        shop,
        order_id,
        customer_id,
        accepted_amount,
        {{ month_of(add_days(-revenue_window_days(), 'ordered_on')) }} as first_month,
        {{ month_of('ordered_on') }} as order_month,
        {{ add_months(-1, month_of(add_days(revenue_window_days(), 'ordered_on'))) }} as last_month
    from orders

)

select * from bounded
