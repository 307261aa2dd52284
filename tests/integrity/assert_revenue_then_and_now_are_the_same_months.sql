-- The segment then and the segment now part the same orders: month by month the sums are equal, no
-- month is left out, and who is (new) is counted as in segment_migrations.
with

now_by_month as (

    select
        shop,
        segmentation,
        month,
        sum(customers) as customers,
        sum(orders) as orders,
        sum(gross_revenue) as gross_revenue,
        sum(returned_revenue) as returned_revenue,
        sum(revenue) as revenue,
        sum(units_purchased) as units_purchased,
        sum(units_returned) as units_returned
    from {{ ref('patronage', 'segment_revenue') }}
    group by shop, segmentation, month

),

then_by_month as (

    select
        shop,
        segmentation,
        month,
        sum(customers) as customers,
        sum(orders) as orders,
        sum(gross_revenue) as gross_revenue,
        sum(returned_revenue) as returned_revenue,
        sum(revenue) as revenue,
        sum(units_purchased) as units_purchased,
        sum(units_returned) as units_returned
    from {{ ref('patronage', 'segment_revenue_then') }}
    group by shop, segmentation, month

),

expected_months as (

    select
        months.shop,
        segmentations.segmentation,
        months.month
    from {{ ref('int_sales_months') }} as months
    inner join {{ ref('int_segmentations') }} as segmentations
        on months.shop = segmentations.shop

),

new_customers as (

    select
        shop,
        segmentation,
        month,
        customers
    from {{ ref('patronage', 'segment_revenue_then') }}
    where segment = '(new)' and customers > 0

),

migrated as (

    select
        shop,
        segmentation,
        month,
        sum(customers) as customers
    from {{ ref('patronage', 'segment_migrations') }}
    where from_segment = '(new)'
    group by shop, segmentation, month

),

missing as (

    select * from now_by_month
    except all
    select * from then_by_month

),

surplus as (

    select * from then_by_month
    except all
    select * from now_by_month

)

select
    shop,
    segmentation,
    month,
    'missing then' as difference
from missing
union all
select
    shop,
    segmentation,
    month,
    'missing now' as difference
from surplus
union all
select
    expected_months.shop,
    expected_months.segmentation,
    expected_months.month,
    'month missing' as difference
from expected_months
left join now_by_month
    on
        expected_months.shop = now_by_month.shop
        and expected_months.segmentation = now_by_month.segmentation
        and expected_months.month = now_by_month.month
where now_by_month.shop is null
union all
select
    migrated.shop,
    migrated.segmentation,
    migrated.month,
    'other new customers' as difference
from migrated
left join new_customers
    on
        migrated.shop = new_customers.shop
        and migrated.segmentation = new_customers.segmentation
        and migrated.month = new_customers.month
where migrated.customers is distinct from new_customers.customers
