-- Customers who changed, counted one by one, are those that segment_migrations counts, and so is
-- the revenue of their 90 days before.
with

changes as (

    select
        shop,
        segmentation,
        month,
        previous_segment as from_segment,
        segment as to_segment,
        count(*) as customers,
        sum(revenue_90_days_before) as revenue_before
    from {{ ref('patronage', 'customer_segment_changes') }}
    group by shop, segmentation, month, previous_segment, segment

),

migrations as (

    select
        shop,
        segmentation,
        month,
        from_segment,
        to_segment,
        customers,
        revenue_before
    from {{ ref('patronage', 'segment_migrations') }}
    where from_segment <> '(new)' and from_segment <> to_segment

)

select
    changes.customers,
    migrations.customers as migrated_customers,
    changes.revenue_before,
    migrations.revenue_before as migrated_revenue_before,
    coalesce(changes.shop, migrations.shop) as shop,
    coalesce(changes.segmentation, migrations.segmentation) as segmentation,
    coalesce(changes.month, migrations.month) as month,
    coalesce(changes.from_segment, migrations.from_segment) as from_segment,
    coalesce(changes.to_segment, migrations.to_segment) as to_segment
from changes
full outer join migrations
    on
        changes.shop = migrations.shop
        and changes.segmentation = migrations.segmentation
        and changes.month = migrations.month
        and changes.from_segment = migrations.from_segment
        and changes.to_segment = migrations.to_segment
where
    changes.customers is distinct from migrations.customers
    or changes.revenue_before is distinct from migrations.revenue_before
