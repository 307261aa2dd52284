{% set months_followed = 12 -%}

with

history as (

    select * from {{ ref('int_customer_history_segments') }}

),

month_ends as (

    select * from {{ ref('int_month_ends') }}

),

last_months as (

    select
        shop,
        max(month) as last_month
    from month_ends
    group by shop

),

-- who was in the segment at a month-end …
counted as (

    select
        shop,
        segmentation,
        segment,
        month,
        count(*) as customers
    from history
    group by shop, segmentation, segment, month

),

-- … is followed for a year, in the months that are over
followed as (

    select
        counted.*,
        {{ each_month(
            'counted.month', 'least(' ~ add_months(months_followed, 'counted.month') ~ ', last_months.last_month)'
        ) }} as followed_month
    from counted
    inner join last_months
        on counted.shop = last_months.shop

),

-- a month with a purchase, seen from its own end and the ends of the twelve months before
purchases as (

    select
        shop,
        customer_id,
        month as purchase_month,
        {{ each_month(add_months(-months_followed, 'month'), 'month') }} as month
    from {{ ref('int_customer_months') }}
    where orders > 0

),

active as (

    select
        history.shop,
        history.segmentation,
        history.segment,
        history.month,
        purchases.purchase_month,
        count(*) as customers
    from history
    inner join purchases
        on
            history.shop = purchases.shop
            and history.customer_id = purchases.customer_id
            and history.month = purchases.month
    group by
        history.shop,
        history.segmentation,
        history.segment,
        history.month,
        purchases.purchase_month

),

joined as (

    select
        followed.shop,
        followed.segmentation,
        followed.segment,
        followed.month,
        {{ months_between('followed.month', 'followed.followed_month') }} as months_after,
        followed.customers,
        coalesce(active.customers, 0) as active_customers
    from followed
    left join active
        on
            followed.shop = active.shop
            and followed.segmentation = active.segmentation
            and followed.segment = active.segment
            and followed.month = active.month
            and followed.followed_month = active.purchase_month

)

select * from joined
