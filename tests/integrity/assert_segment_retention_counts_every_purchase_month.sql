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

cohorts as (

    select
        shop,
        first_month,
        count(*) as customers
    from first_months
    group by shop, first_month

),

cohort_purchases as (

    select
        orders.shop,
        first_months.first_month,
        orders.month,
        count(distinct orders.customer_id) as customers
    from orders
    inner join first_months
        on orders.shop = first_months.shop and orders.customer_id = first_months.customer_id
    where orders.purchase_lines > 0
    group by orders.shop, first_months.first_month, orders.month

),

distances as (

    select distinct
        shop,
        months_after
    from {{ ref('patronage', 'segment_retention') }}

),

-- each month-end, with each later month that is over
followed as (

    select
        distances.shop,
        distances.months_after,
        month_ends.month,
        followed_ends.month as followed_month
    from distances
    inner join {{ ref('int_month_ends') }} as month_ends
        on distances.shop = month_ends.shop
    inner join {{ ref('int_month_ends') }} as followed_ends
        on
            month_ends.shop = followed_ends.shop
            and followed_ends.month = {{ add_months('distances.months_after', 'month_ends.month') }}

),

expected as (

    select
        followed.shop,
        followed.months_after,
        sum(cohorts.customers) as customers,
        sum(coalesce(cohort_purchases.customers, 0)) as active_customers
    from followed
    inner join cohorts
        on followed.shop = cohorts.shop and followed.month >= cohorts.first_month
    left join cohort_purchases
        on
            followed.shop = cohort_purchases.shop
            and followed.followed_month = cohort_purchases.month
            and cohorts.first_month = cohort_purchases.first_month
    group by followed.shop, followed.months_after

),

found as (

    select
        shop,
        segmentation,
        months_after,
        sum(customers) as customers,
        sum(active_customers) as active_customers
    from {{ ref('patronage', 'segment_retention') }}
    group by shop, segmentation, months_after

)

select
    found.shop,
    found.segmentation,
    found.months_after,
    expected.customers,
    found.customers as found_customers,
    expected.active_customers,
    found.active_customers as found_active_customers
from found
left join expected
    on
        found.shop = expected.shop
        and found.months_after = expected.months_after
where
    found.customers is distinct from expected.customers
    or found.active_customers is distinct from expected.active_customers
