with

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}
    where periods_ago = 0

),

segments as (

    select * from {{ ref('int_customer_segments') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

joined as (

    select
        purchase_summaries.*,
        segments.segment
    from purchase_summaries
    inner join segments
        on
            purchase_summaries.shop = segments.shop
            and purchase_summaries.customer_id = segments.customer_id

),

grouped as (

    select
        shop,
        segment,
        is_in_sample,
        repeats,
        last_time_days,
        age_days,
        min(customer_id) as customer_id,
        count(*) as customers,
        -- a sum of decimals is the same in any order
        case
            when is_in_sample then max(mean_value)
            else
                cast(sum(cast(greatest(mean_value, 0) as {{ money_type() }})) as double)
                / count(*)
        end as mean_value
    from joined
    group by
        shop,
        segment,
        is_in_sample,
        repeats,
        last_time_days,
        age_days,
        case when is_in_sample then customer_id end

)

select * from grouped
