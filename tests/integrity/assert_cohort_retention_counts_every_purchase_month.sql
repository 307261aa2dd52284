-- Every known customer who buys in a month that is over is in one cohort of that month; in its
-- first month a cohort is all there.
with

expected as (

    select
        month_ends.shop,
        month_ends.month,
        count(distinct orders.customer_id) as customers
    from {{ ref('int_month_ends') }} as month_ends
    left join {{ ref('int_orders') }} as orders
        on
            month_ends.shop = orders.shop
            and month_ends.month = {{ month_of('orders.ordered_on') }}
            and orders.purchase_lines > 0
    group by month_ends.shop, month_ends.month

),

found as (

    select
        shop,
        month,
        sum(active_customers) as customers,
        sum(case when months_after = 0 then customers - active_customers else 0 end)
            as missing_at_start
    from {{ ref('patronage', 'cohort_retention') }}
    group by shop, month

)

select
    expected.shop,
    expected.month,
    expected.customers,
    found.customers as found_customers,
    found.missing_at_start
from expected
full outer join found
    on
        expected.shop = found.shop
        and expected.month = found.month
where
    coalesce(expected.customers, -1) <> coalesce(found.customers, 0)
    or found.missing_at_start <> 0
