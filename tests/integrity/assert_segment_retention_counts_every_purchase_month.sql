-- Over all segments: whoever buys in a month that is over was in some segment so many months
-- before, if known then. Both counted from orders.
with

orders as (

    select
        shop,
        customer_id,
        purchase_lines,
        {{ month_of('ordered_on') }} as month
    from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0

),

first_months as (

    select
        shop,
        customer_id,
        min(month) as first_month
    from orders
    group by shop, customer_id

),

periods as (

    select distinct
        shop,
        period
    from {{ ref('segment_retention') }}

),

-- each customer, each month-end since the first activity, each period whose month is over
at_risk as (

    select
        periods.shop,
        periods.period,
        first_months.customer_id,
        followed_ends.month as followed_month
    from periods
    inner join first_months
        on periods.shop = first_months.shop
    inner join {{ ref('int_month_ends') }} as month_ends
        on
            first_months.shop = month_ends.shop
            and first_months.first_month <= month_ends.month
    inner join {{ ref('int_month_ends') }} as followed_ends
        on
            month_ends.shop = followed_ends.shop
            and followed_ends.month = {{ add_months('periods.period', 'month_ends.month') }}

),

purchases as (

    select distinct
        shop,
        customer_id,
        month
    from orders
    where purchase_lines > 0

),

expected as (

    select
        at_risk.shop,
        at_risk.period,
        count(*) as customers,
        count(purchases.customer_id) as active_customers
    from at_risk
    left join purchases
        on
            at_risk.shop = purchases.shop
            and at_risk.customer_id = purchases.customer_id
            and at_risk.followed_month = purchases.month
    group by at_risk.shop, at_risk.period

),

found as (

    select
        shop,
        segmentation,
        period,
        sum(customers) as customers,
        sum(active_customers) as active_customers
    from {{ ref('segment_retention') }}
    group by shop, segmentation, period

)

select
    found.shop,
    found.segmentation,
    found.period,
    expected.customers,
    found.customers as found_customers,
    expected.active_customers,
    found.active_customers as found_active_customers
from found
left join expected
    on
        found.shop = expected.shop
        and found.period = expected.period
where
    found.customers is distinct from expected.customers
    or found.active_customers is distinct from expected.active_customers
