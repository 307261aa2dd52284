{% set segments = segmentation_columns('segment') + segmentation_columns('previous_segment') -%}

with

-- the same twice: DuckDB copies what is read more than once, and reads the copy
all_periods as (

    select * from {{ ref('int_segment_periods') }}

),

periods as (

    select * from {{ ref('int_segment_periods') }}

),

order_windows as (

    select * from {{ ref('int_order_windows') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

-- counted and summed before they are spread over their months, which are many
counted as (

    select
        shop,
        {{ segments | join(',\n        ') }},
        first_month as moved_month,
        first_month,
        last_month,
        count(*) as customers,
        cast(null as date) as order_month,
        0 as amount
    from all_periods
    group by shop, {{ segments | join(', ') }}, first_month, last_month
    union all
    select
        periods.shop,
        periods.{{ segments | join(',\n        periods.') }},
        periods.first_month as moved_month,
        greatest(periods.first_month, order_windows.first_month) as first_month,
        least(periods.last_month, order_windows.last_month) as last_month,
        0 as customers,
        order_windows.order_month,
        sum(order_windows.accepted_amount) as amount
    from periods
    inner join order_windows
        on
            periods.shop = order_windows.shop
            and periods.customer_id = order_windows.customer_id
            and periods.first_month <= order_windows.last_month
            and periods.last_month >= order_windows.first_month
    group by
        periods.shop, periods.{{ segments | join(', periods.') }}, periods.first_month,
        greatest(periods.first_month, order_windows.first_month),
        least(periods.last_month, order_windows.last_month), order_windows.order_month

),

spread as (

    select
        *,
        {{ each_month('first_month', 'last_month') }} as month
    from counted

),

-- after its first month, a period leads from a segment to itself
moved as (

    select
        spread.shop,
        segmentations.segmentation,
        spread.month,
        case
            when spread.month = spread.moved_month
                then {{ column_of_segmentation('previous_segment') }}
            else {{ column_of_segmentation('segment') }}
        end as from_segment,
        {{ column_of_segmentation('segment') }} as to_segment,
        spread.customers,
        case when spread.order_month <= spread.month then spread.amount end as revenue_before,
        case when spread.order_month > spread.month then spread.amount end as revenue_after
    from spread
    inner join segmentations
        on spread.shop = segmentations.shop

),

summed as (

    select
        shop,
        segmentation,
        month,
        from_segment,
        to_segment,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers,
        cast(coalesce(sum(revenue_before), 0) as {{ money_type() }}) as revenue_before,
        cast(coalesce(sum(revenue_after), 0) as {{ money_type() }}) as revenue_after
    from moved
    group by shop, segmentation, month, from_segment, to_segment

)

select * from summed
