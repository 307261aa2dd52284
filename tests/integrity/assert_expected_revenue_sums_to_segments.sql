-- Two paths, one number: customers by SQL, segments by the fit's own computation; they differ by no
-- more than what rounding each customer can add up to.
with

customers as (

    select
        shop,
        segment,
        count(expected_purchase_days) as customers,
        sum(expected_purchase_days) as expected_purchase_days,
        sum(expected_revenue) as expected_revenue
    from {{ ref('patronage', 'customers') }}
    where expected_purchase_days is not null and segment is not null
    group by shop, segment

)

select
    customers.shop,
    customers.segment,
    customers.customers,
    segments.customers as segment_customers,
    customers.expected_purchase_days,
    segments.expected_purchase_days as segment_expected_purchase_days,
    customers.expected_revenue,
    segments.expected_revenue as segment_expected_revenue
from customers
full outer join {{ ref('patronage', 'segment_lifetime_values') }} as segments
    on customers.shop = segments.shop and customers.segment = segments.segment
where
    customers.customers is distinct from segments.customers
    or not abs(customers.expected_purchase_days - segments.expected_purchase_days)
    <= 0.0000005 * customers.customers + 0.0001
    or not abs(customers.expected_revenue - segments.expected_revenue)
    <= 0.00005 * customers.customers + 0.0001
