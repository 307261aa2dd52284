with

moves as (

    select * from {{ ref('int_segment_moves') }}

),

active as (

    select * from {{ ref('int_segment_active_customers') }}

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
        to_segment as segment,
        month,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers
    from moves
    group by shop, segmentation, to_segment, month

),

-- … is followed for a year, in the months that are over
followed as (

    select
        counted.*,
        {{ each_month(
            'counted.month', 'least(' ~ add_months(months_followed(), 'counted.month') ~ ', last_months.last_month)'
        ) }} as followed_month
    from counted
    inner join last_months
        on counted.shop = last_months.shop

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
