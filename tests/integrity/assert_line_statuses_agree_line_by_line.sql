-- Two paths, one number: lines counted one by one against the sums of orders in data_quality.
with

counted as (

    select
        shop,
        line_status,
        count(*) as lines,
        coalesce(sum(amount), 0) as amount
    from {{ ref('int_order_lines') }}
    group by shop, line_status

),

reported as (

    select * from {{ ref('patronage', 'data_quality') }}
    where shop in (select distinct counted.shop from counted)

)

select
    reported.shop,
    reported.line_status,
    reported.lines,
    counted.lines as counted_lines,
    reported.amount,
    counted.amount as counted_amount
from reported
left join counted
    on
        reported.shop = counted.shop
        and reported.line_status = counted.line_status
where
    reported.lines <> coalesce(counted.lines, 0)
    or reported.amount <> coalesce(counted.amount, 0)
