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
        segments.segment,
        purchase_summaries.repeats,
        purchase_summaries.last_time_days,
        purchase_summaries.age_days,
        purchase_summaries.mean_value,
        case when purchase_summaries.is_in_sample then purchase_summaries.customer_id end
            as customer_id
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
        customer_id,
        repeats,
        last_time_days,
        age_days,
        count(*) as customers,
        -- a sum of decimals is the same in any order
        case
            when customer_id is not null then max(mean_value)
            else
                cast(sum(cast(greatest(mean_value, 0) as {{ money_type() }})) as double)
                / count(*)
        end as mean_value
    from joined
    group by shop, segment, customer_id, repeats, last_time_days, age_days

)

select * from grouped
