with

moves as (

    select * from {{ ref('int_segment_moves') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

month_ends as (

    select * from {{ ref('int_month_ends') }}

),

judged as (

    select
        moves.shop,
        moves.segmentation,
        moves.month,
        moves.from_segment,
        moves.to_segment,
        moves.customers,
        cast(
            case when month_ends.has_days_before then moves.revenue_before end
            as {{ money_type() }}
        ) as revenue_before,
        cast(
            case when month_ends.has_days_after then moves.revenue_after end
            as {{ money_type() }}
        ) as revenue_after,
        -- whoever is new comes before all segments
        coalesce(from_meanings.segment_order, 0) as from_segment_order,
        to_meanings.segment_order as to_segment_order,
        from_meanings.segment_colour as from_segment_colour,
        to_meanings.segment_colour as to_segment_colour,
        moves.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from moves
    inner join month_ends
        on
            moves.shop = month_ends.shop
            and moves.month = month_ends.month
    left join meanings as from_meanings
        on
            moves.segmentation = from_meanings.segmentation
            and moves.from_segment = from_meanings.segment
    left join meanings as to_meanings
        on
            moves.segmentation = to_meanings.segmentation
            and moves.to_segment = to_meanings.segment

)

select * from judged
