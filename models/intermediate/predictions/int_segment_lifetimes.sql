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
        purchase_summaries.shop,
        purchase_summaries.periods_ago,
        purchase_summaries.customer_id,
        purchase_summaries.repeats,
        purchase_summaries.last_time_days,
        purchase_summaries.age_days,
        purchase_summaries.mean_value,
        segments.segment
    from purchase_summaries
    inner join segments
        on
            purchase_summaries.shop = segments.shop
            and purchase_summaries.customer_id = segments.customer_id

)

select * from joined
