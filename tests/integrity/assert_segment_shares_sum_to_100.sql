-- Shares of customers and of revenue are parts of a whole, each rounded to two decimals.
select
    shop,
    segmentation,
    sum(customers_pct) as customers_pct,
    sum(revenue_pct) as revenue_pct
from {{ ref('patronage', 'segments') }}
group by shop, segmentation
having
    abs(sum(customers_pct) - 100) > 0.005 * count(*)
    or abs(sum(revenue_pct) - 100) > 0.005 * count(*)
