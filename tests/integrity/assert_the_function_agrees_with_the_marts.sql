-- BI users who call the function get what the marts say, for every customer.
select
    customer_segments.shop,
    customer_segments.segmentation,
    customer_segments.customer_id,
    customer_segments.segment
from {{ ref('customer_segments') }} as customer_segments
inner join {{ ref('customers') }} as customers
    on
        customer_segments.shop = customers.shop
        and customer_segments.customer_id = customers.customer_id
where
    customer_segments.segment is distinct from {{ function('segment_of') }}(
        customers.shop,
        customer_segments.segmentation,
        customers.recency_days,
        customers.frequency,
        customers.monetary,
        customers.return_rate_pct
    )
