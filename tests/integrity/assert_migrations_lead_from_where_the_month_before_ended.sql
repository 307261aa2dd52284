-- Segment by segment: as many customers leave or stay in a month as were there when it began.
with

ended as (

    select
        shop,
        segmentation,
        to_segment as segment,
        {{ add_months(1, 'month') }} as month,
        sum(customers) as customers
    from {{ ref('patronage', 'segment_migrations') }}
    group by shop, segmentation, to_segment, month

),

began as (

    select
        shop,
        segmentation,
        from_segment as segment,
        month,
        sum(customers) as customers
    from {{ ref('patronage', 'segment_migrations') }}
    where from_segment <> '(new)'
    group by shop, segmentation, from_segment, month

),

-- the last month-end has no month after it
followed as (

    select ended.*
    from ended
    inner join {{ ref('int_month_ends') }} as month_ends
        on
            ended.shop = month_ends.shop
            and ended.month = month_ends.month

)

select
    followed.customers as ended_with,
    began.customers as began_with,
    coalesce(followed.shop, began.shop) as shop,
    coalesce(followed.segmentation, began.segmentation) as segmentation,
    coalesce(followed.segment, began.segment) as segment,
    coalesce(followed.month, began.month) as month
from followed
full outer join began
    on
        followed.shop = began.shop
        and followed.segmentation = began.segmentation
        and followed.segment = began.segment
        and followed.month = began.month
where followed.customers is distinct from began.customers
