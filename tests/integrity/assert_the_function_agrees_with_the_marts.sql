-- BI users who call the functions get what the marts say, for every customer.
with

scored as (

    select
        customer_segments.shop,
        customer_segments.segmentation,
        customer_segments.customer_id,
        customer_segments.cluster_id,
        customer_segments.segment,
        {{ function('segment_of') }}(
            customers.shop,
            customer_segments.segmentation,
            customers.recency_days,
            customers.frequency,
            customers.monetary,
            customers.return_rate_pct
        ) as segment_of,
        {{ function('cluster_of') }}(
            customers.shop,
            customer_segments.segmentation,
            customers.recency_days,
            customers.frequency,
            customers.monetary,
            customers.return_rate_pct
        ) as cluster_of
    from {{ ref('patronage', 'customer_segments') }} as customer_segments
    inner join {{ ref('patronage', 'customers') }} as customers
        on
            customer_segments.shop = customers.shop
            and customer_segments.customer_id = customers.customer_id

)

select
    scored.shop,
    scored.segmentation,
    scored.customer_id,
    scored.segment
from scored
where
    scored.segment is distinct from scored.segment_of
    or scored.segment is distinct from scored.cluster_of.segment
    or scored.cluster_id is distinct from scored.cluster_of.cluster_id
