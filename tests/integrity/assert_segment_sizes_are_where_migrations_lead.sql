-- Whoever is in a segment at the end of a month has come there, or stayed.
with

sizes as (

    select * from {{ ref('patronage', 'segment_sizes') }}
    where customers > 0

),

migrations as (

    select
        shop,
        segmentation,
        month,
        to_segment,
        sum(customers) as customers
    from {{ ref('patronage', 'segment_migrations') }}
    group by shop, segmentation, month, to_segment

)

select
    coalesce(sizes.shop, migrations.shop) as shop,
    coalesce(sizes.segmentation, migrations.segmentation) as segmentation,
    coalesce(sizes.month, migrations.month) as month,
    coalesce(sizes.segment, migrations.to_segment) as segment
from sizes
full outer join migrations
    on
        sizes.shop = migrations.shop
        and sizes.segmentation = migrations.segmentation
        and sizes.month = migrations.month
        and sizes.segment = migrations.to_segment
where sizes.customers is distinct from migrations.customers
