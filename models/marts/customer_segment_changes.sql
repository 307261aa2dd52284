with

-- who is new has come from no segment
changes as (

    select
        *,
        first_month as month
    from {{ ref('int_segment_spells') }}
    where previous_segment <> '(new)'

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

month_end_revenue as (

    select * from {{ ref('int_month_end_revenue') }}

),

month_ends as (

    select * from {{ ref('int_month_ends') }}

),

joined as (

    select
        changes.shop,
        changes.segmentation,
        changes.customer_id,
        changes.month,
        changes.previous_segment,
        changes.segment,
        changes.recency_days,
        changes.frequency,
        changes.monetary,
        cast(
            case
                when month_ends.has_days_before
                    then coalesce(month_end_revenue.revenue_before, 0)
            end
            as {{ money_type() }}
        ) as revenue_90_days_before
    from changes
    inner join month_ends
        on
            changes.shop = month_ends.shop
            and changes.month = month_ends.month
    left join month_end_revenue
        on
            changes.shop = month_end_revenue.shop
            and changes.customer_id = month_end_revenue.customer_id
            and changes.month = month_end_revenue.month

),

placed as (

    select
        joined.*,
        previous_meanings.segment_order as previous_segment_order,
        meanings.segment_order,
        previous_meanings.segment_colour as previous_segment_colour,
        meanings.segment_colour,
        joined.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from joined
    left join meanings as previous_meanings
        on
            joined.segmentation = previous_meanings.segmentation
            and joined.previous_segment = previous_meanings.segment
    left join meanings
        on
            joined.segmentation = meanings.segmentation
            and joined.segment = meanings.segment

)

select * from placed
