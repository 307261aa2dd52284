with

orders as (

    select
        shop,
        customer_id,
        accepted_amount,
        {{ month_of('ordered_on') }} as order_month,
        {{ month_of(add_days(-revenue_window_days(), 'ordered_on')) }} as first_month,
        {{ add_months(-1, month_of(add_days(revenue_window_days(), 'ordered_on'))) }} as last_month
    from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0

),

-- an order lies after the ends of the months before its own, and before the end of its own and of
-- later ones: each end that is at most 90 days away
spread as (

    select
        shop,
        customer_id,
        accepted_amount,
        order_month,
        {{ each_month('first_month', 'last_month') }} as month
    from orders

),

summed as (

    select
        shop,
        customer_id,
        month,
        cast(
            sum(case when order_month <= month then accepted_amount else 0 end)
            as {{ money_type() }}
        ) as revenue_before,
        cast(
            sum(case when order_month > month then accepted_amount else 0 end)
            as {{ money_type() }}
        ) as revenue_after
    from spread
    group by shop, customer_id, month

)

select * from summed
