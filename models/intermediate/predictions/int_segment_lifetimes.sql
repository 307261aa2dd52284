with

lifetimes as (

    select * from {{ ref('int_customer_lifetimes') }}
    where periods_ago = 0

),

segments as (

    select * from {{ ref('int_customer_segments') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

joined as (

    select
        lifetimes.shop,
        lifetimes.periods_ago,
        lifetimes.customer_id,
        lifetimes.repeats,
        lifetimes.last_time_days,
        lifetimes.age_days,
        lifetimes.mean_value,
        segments.segment
    from lifetimes
    inner join segments
        on
            lifetimes.shop = segments.shop
            and lifetimes.customer_id = segments.customer_id

)

select * from joined
