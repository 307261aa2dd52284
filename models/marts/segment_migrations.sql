with

history as (

    select * from {{ ref('int_customer_history_segments') }}

),

month_end_revenue as (

    select * from {{ ref('int_month_end_revenue') }}

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
        ) as revenue_after
    from summed
    inner join month_ends
        on
            summed.shop = month_ends.shop
            and summed.month = month_ends.month

)

select * from judged
