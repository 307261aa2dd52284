-- The mean return rate of a segment is that of its customers' matched rates, both rounded to two
-- decimals.
with

customer_segments as (

    select
        shop,
        segmentation,
        customer_id,
        coalesce(segment, 'Unsegmented') as segment
    from {{ ref('patronage', 'customer_segments') }}

),

expected as (

    select
        customer_segments.shop,
        customer_segments.segmentation,
        customer_segments.segment,
        avg(customers.matched_return_rate_pct) as mean_return_rate_pct
    from customer_segments
    inner join {{ ref('patronage', 'customers') }} as customers
        on
            customer_segments.shop = customers.shop
            and customer_segments.customer_id = customers.customer_id
    group by
        customer_segments.shop, customer_segments.segmentation, customer_segments.segment

)

select
    segments.shop,
    segments.segmentation,
    segments.segment,
    segments.mean_return_rate_pct,
    expected.mean_return_rate_pct as expected_return_rate_pct
from {{ ref('patronage', 'segments') }} as segments
left join expected
    on
        segments.shop = expected.shop
        and segments.segmentation = expected.segmentation
        and segments.segment = expected.segment
where
    expected.shop is null
    or abs(segments.mean_return_rate_pct - expected.mean_return_rate_pct) > 0.011
