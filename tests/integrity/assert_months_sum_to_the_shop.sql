-- Each month of a shop is the sum of its segments and guests in that month.
with

months as (

    select * from {{ ref('patronage', 'shop_months') }}

),

segments as (

    select
        shop,
        month,
        sum(customers) as customers,
        sum(orders) as orders,
        sum(revenue) as revenue,
        sum(case when segment = 'Guest' then revenue else 0 end) as guest_revenue
    from {{ ref('patronage', 'segment_revenue') }}
    where is_primary
    group by shop, month

)

select
    coalesce(months.shop, segments.shop) as shop,
    coalesce(months.month, segments.month) as month
from months
full outer join segments
    on
        months.shop = segments.shop
        and months.month = segments.month
where
    months.shop is null
    or segments.shop is null
    or months.orders <> segments.orders
    or months.revenue <> segments.revenue
    or months.guest_revenue <> segments.guest_revenue
