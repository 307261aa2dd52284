with

history as (

    select * from {{ ref('int_customer_history_segments') }}

),

month_end_revenue as (

    select * from {{ ref('int_month_end_revenue') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

month_ends as (

    select * from {{ ref('int_month_ends') }}

),

summed as (

    select
        history.shop,
        history.segmentation,
        history.month,
        history.previous_segment as from_segment,
        history.segment as to_segment,
        count(*) as customers,
        coalesce(sum(month_end_revenue.revenue_before), 0) as revenue_before,
        coalesce(sum(month_end_revenue.revenue_after), 0) as revenue_after
    from history
    left join month_end_revenue
        on
            history.shop = month_end_revenue.shop
            and history.customer_id = month_end_revenue.customer_id
            and history.month = month_end_revenue.month
    group by
        history.shop,
        history.segmentation,
        history.month,
        history.previous_segment,
        history.segment

),

judged as (

    select
        summed.shop,
        summed.segmentation,
        summed.month,
        summed.from_segment,
        summed.to_segment,
        summed.customers,
        cast(
            case when month_ends.has_days_before then summed.revenue_before end
            as {{ money_type() }}
        ) as revenue_before,
        cast(
            case when month_ends.has_days_after then summed.revenue_after end
            as {{ money_type() }}
        ) as revenue_after,
        -- whoever is new comes before all segments
        coalesce(from_meanings.segment_order, 0) as from_segment_order,
        to_meanings.segment_order as to_segment_order,
        from_meanings.segment_colour as from_segment_colour,
        to_meanings.segment_colour as to_segment_colour,
        summed.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from summed
    inner join month_ends
        on
            summed.shop = month_ends.shop
            and summed.month = month_ends.month
    left join meanings as from_meanings
        on
            summed.segmentation = from_meanings.segmentation
            and summed.from_segment = from_meanings.segment
    left join meanings as to_meanings
        on
            summed.segmentation = to_meanings.segmentation
            and summed.to_segment = to_meanings.segment

)

select * from judged
