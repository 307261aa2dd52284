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

line_amounts as (

    select
        shop,
        coalesce(
            amount, {{ read_as('cast(unit_price as decimal(28, 4)) * quantity', money_type()) }}
        ) as amount
    from order_lines

),

raw_rows as (

    select
        shop,
        amount
    from line_amounts
    union all
    select
        shop,
        coalesce(amount, 0) - coalesce(returned_amount, 0) as amount
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
        -- what no line can hold is unreadable, and has no amount
        coalesce(sum(case when abs(amount) < 100000000000 then amount end), 0) as amount
    from raw_rows
    group by shop

),

reported as (

    select
        shop,
        sum(lines) as lines,
        sum(amount) as amount
    from {{ ref('patronage', 'data_quality') }}
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
