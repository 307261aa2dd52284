with

history as (

    select * from {{ ref('int_customer_history_segments') }}

),

windows as (

    select * from {{ ref('int_customer_windows') }}

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
        coalesce(sum(windows.revenue_before), 0) as revenue_before,
        coalesce(sum(windows.revenue_after), 0) as revenue_after
    from history
    left join windows
        on
            history.shop = windows.shop
            and history.customer_id = windows.customer_id
            and history.month = windows.month
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
        ) as revenue_after
    from summed
    inner join month_ends
        on
            summed.shop = month_ends.shop
            and summed.month = month_ends.month

)

select * from judged
