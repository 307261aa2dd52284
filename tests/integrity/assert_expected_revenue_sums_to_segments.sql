-- Two paths, one number: customers by SQL, segments by the fit's own computation; they differ by no
-- more than what rounding each customer can add up to.
with

customers as (

    select
        shop,
        segment,
        count(expected_orders) as customers,
        sum(expected_orders) as expected_orders,
        sum(expected_revenue) as expected_revenue
    from {{ ref('customers') }}
    where expected_orders is not null
    group by shop, segment

)

select
    customers.shop,
    customers.segment,
    customers.customers,
    segments.customers as segment_customers,
    customers.expected_orders,
    segments.expected_orders as segment_expected_orders,
    customers.expected_revenue,
    segments.expected_revenue as segment_expected_revenue
from customers
full outer join {{ ref('segment_lifetime_values') }} as segments
    on customers.shop = segments.shop and customers.segment = segments.segment
where
    customers.customers is distinct from segments.customers
    or not abs(customers.expected_orders - segments.expected_orders)
    <= 0.0000005 * customers.customers + 0.0001
    or not abs(customers.expected_revenue - segments.expected_revenue)
    <= 0.00005 * customers.customers + 0.0001
