-- Revenue before a month-end is that of all known customers in those 90 days; revenue after it is
-- that of the customers known by then: both summed from orders.
with

orders as (

    select
        shop,
        accepted_amount,
        ordered_on,
        min(ordered_on) over (partition by shop, customer_id) as first_active_on
    from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0

),

expected as (

    select
        month_ends.shop,
        month_ends.month,
        case
            when month_ends.has_days_before
                then sum(
                    case
                        when orders.ordered_on < month_ends.as_of_date
                            then orders.accepted_amount
                        else 0
                    end
                )
        end as revenue_before,
        case
            when month_ends.has_days_after
                then sum(
                    case
                        when
                            orders.ordered_on >= month_ends.as_of_date
                            and orders.first_active_on < month_ends.as_of_date
                            then orders.accepted_amount
                        else 0
                    end
                )
        end as revenue_after
    from {{ ref('int_month_ends') }} as month_ends
    inner join orders
        on
            month_ends.shop = orders.shop
            and orders.ordered_on >= {{ dbt.dateadd('day', -90, 'month_ends.as_of_date') }}
            and orders.ordered_on < {{ dbt.dateadd('day', 90, 'month_ends.as_of_date') }}
    group by
        month_ends.shop, month_ends.month, month_ends.has_days_before, month_ends.has_days_after

),

found as (

    select
        shop,
        segmentation,
        month,
        sum(revenue_before) as revenue_before,
        sum(revenue_after) as revenue_after
    from {{ ref('patronage', 'segment_migrations') }}
    group by shop, segmentation, month

)

select
    found.shop,
    found.segmentation,
    found.month,
    expected.revenue_before,
    found.revenue_before as found_before,
    expected.revenue_after,
    found.revenue_after as found_after
from found
left join expected
    on
        found.shop = expected.shop
        and found.month = expected.month
where
    found.revenue_before is distinct from expected.revenue_before
    or found.revenue_after is distinct from expected.revenue_after
