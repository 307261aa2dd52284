with

-- who is new has come from no segment, in any segmentation
periods as (

    select
        *,
        first_month as month
    from {{ ref('int_segment_periods') }}
    where previous_segment_{{ var('primary_segmentation') }} <> '(new)'

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

month_ends as (

    select * from {{ ref('int_month_ends') }}

),

order_windows as (

    select * from {{ ref('int_order_windows') }}

),

-- not from the periods above: DuckDB copies what is read more than once, and reads the copy
revenues as (

    select
        moves.shop,
        moves.customer_id,
        moves.first_month as month,
        sum(order_windows.accepted_amount) as revenue
    from {{ ref('int_segment_periods') }} as moves
    inner join order_windows
        on
            moves.shop = order_windows.shop
            and moves.customer_id = order_windows.customer_id
            and moves.first_month between order_windows.order_month and order_windows.last_month
    where moves.previous_segment_{{ var('primary_segmentation') }} <> '(new)'
    group by moves.shop, moves.customer_id, moves.first_month

),

joined as (

    select
        periods.*,
        cast(
            case when month_ends.has_days_before then coalesce(revenues.revenue, 0) end
            as {{ money_type() }}
        ) as revenue_90_days_before
    from periods
    inner join month_ends
        on
            periods.shop = month_ends.shop
            and periods.month = month_ends.month
    left join revenues
        on
            periods.shop = revenues.shop
            and periods.customer_id = revenues.customer_id
            and periods.month = revenues.month

),

of_each_segmentation as (

    select
        joined.shop,
        segmentations.segmentation,
        joined.customer_id,
        joined.month,
        {{ column_of_segmentation('previous_segment') }} as previous_segment,
        {{ column_of_segmentation('segment') }} as segment,
        joined.recency_days,
        joined.frequency,
        joined.monetary,
        joined.revenue_90_days_before
    from joined
    inner join segmentations
        on joined.shop = segmentations.shop

),

placed as (

    select
        changes.*,
        previous_meanings.segment_order as previous_segment_order,
        meanings.segment_order,
        previous_meanings.segment_colour as previous_segment_colour,
        meanings.segment_colour,
        changes.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from of_each_segmentation as changes
    left join meanings as previous_meanings
        on
            changes.segmentation = previous_meanings.segmentation
            and changes.previous_segment = previous_meanings.segment
    left join meanings
        on
            changes.segmentation = meanings.segmentation
            and changes.segment = meanings.segment
    where changes.segment <> changes.previous_segment

)

select * from placed
