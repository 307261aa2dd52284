-- Deciles are all of the shop's customers and revenue, in groups that differ by one customer at
-- most and get no larger and no richer.
with

customers as (

    select
        shop,
        count(*) as customers,
        sum(monetary) as revenue
    from {{ ref('patronage', 'customers') }}
    group by shop

),

compared as (

    select
        *,
        lag(customers) over (partition by shop order by decile) as customers_above,
        lag(revenue) over (partition by shop order by decile) as revenue_above
    from {{ ref('patronage', 'revenue_concentration') }}

),

summed as (

    select
        shop,
        sum(customers) as customers,
        sum(revenue) as revenue,
        max(case when decile = 1 then customers end) - min(customers) as unevenness,
        count(case when customers > customers_above then 1 end) as growing_deciles,
        count(case when revenue / customers > revenue_above / customers_above then 1 end)
            as misplaced_deciles
    from compared
    group by shop

)

select
    customers.shop,
    customers.customers,
    summed.customers as found_customers,
    customers.revenue,
    summed.revenue as found_revenue,
    summed.unevenness,
    summed.growing_deciles,
    summed.misplaced_deciles
from customers
left join summed
    on customers.shop = summed.shop
where
    summed.customers is distinct from customers.customers
    or summed.revenue is distinct from customers.revenue
    or summed.unevenness > 1
    or summed.growing_deciles > 0
    or summed.misplaced_deciles > 0
