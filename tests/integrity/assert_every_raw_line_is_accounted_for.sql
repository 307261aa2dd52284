-- What goes in comes out: raw lines and what they amount to, straight from staging, against
-- data_quality.
with

raw_lines as (

    {{ union_shops('order_lines') }}

),

counted as (

    select
        shop,
        count(*) as lines,
        coalesce(sum({{ read_as('quantity * unit_price', money_type()) }}), 0) as amount
    from raw_lines
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
