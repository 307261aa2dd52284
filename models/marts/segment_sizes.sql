with

moves as (

    select * from {{ ref('int_segment_moves') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

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

segments as (

    select distinct
        shop,
        segmentation,
        segment
    from counted

),

month_ends as (

    select * from {{ ref('int_month_ends') }}

),

-- a month-end at which nobody was in a segment is a 0 in its chart and no gap
placed as (

    select
        segments.shop,
        segments.segmentation,
        segments.segment,
        month_ends.month,
        coalesce(counted.customers, 0) as customers,
        {{ share_pct(
            'coalesce(counted.customers, 0)',
            'sum(counted.customers) over '
            '(partition by segments.shop, segments.segmentation, month_ends.month)',
        ) }} as customers_pct,
        meanings.segment_order,
        meanings.segment_colour,
        segments.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from segments
    inner join month_ends
        on segments.shop = month_ends.shop
    left join counted
        on
            segments.shop = counted.shop
            and segments.segmentation = counted.segmentation
            and segments.segment = counted.segment
            and month_ends.month = counted.month
    left join meanings
        on
            segments.segmentation = meanings.segmentation
            and segments.segment = meanings.segment

)

select * from placed
