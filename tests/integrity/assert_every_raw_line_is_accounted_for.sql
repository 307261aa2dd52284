-- What goes in comes out: raw rows and what they amount to, straight from staging, against
-- data_quality.
with

order_lines as (

    {{ union_shops('order_lines') }}

),

orders as (

    {{ union_shops('orders') }}

),

customers as (

    {{ union_shops('customers') }}

),

raw_rows as (

    select
        shop,
        {{ read_as('quantity * unit_price', money_type()) }} as amount
    from order_lines
    union all
    select
        shop,
        amount
    from orders
    union all
    select
        shop,
        gross_revenue as amount
    from customers

),

counted as (

    select
        shop,
        count(*) as lines,
        coalesce(sum(amount), 0) as amount
    from raw_rows
    group by shop

),

reported as (

    select
        shop,
        sum(lines) as lines,
        sum(amount) as amount
    from {{ ref('data_quality') }}
    group by shop

)

select
    counted.shop,
    counted.lines,
    reported.lines as reported_lines,
    counted.amount,
    reported.amount as reported_amount
from counted
left join reported
    on counted.shop = reported.shop
where
    reported.shop is null
    or counted.lines <> reported.lines
    or counted.amount <> reported.amount
