with

snapshots as (

    select * from {{ ref('int_customer_snapshots') }}

),

customers as (

    select * from {{ ref('int_customer_rfm') }}
    where
        frequency > 0
        -- shops that know no orders know the first, the last and the number of them
        and shop in ({{ customer_shops() }})

),

combined as (

    select
        shop,
        periods_ago,
        customer_id,
        purchase_days - 1 as repeats,
        tenure_days - recency_days as last_time_days,
        tenure_days as age_days,
        cast(monetary as double) / purchase_days as mean_value
    from snapshots
    union all
    select
        shop,
        0 as periods_ago,
        customer_id,
        frequency - 1 as repeats,
        {{ dbt.datediff('first_ordered_on', 'last_ordered_on', 'day') }}
            as last_time_days,
        {{ dbt.datediff('first_ordered_on', 'as_of_date', 'day') }}
            as age_days,
        cast(monetary as double) / frequency as mean_value
    from customers

),

shops as (

    select
        shop,
        count(*) as customers
    from combined
    where periods_ago = 0
    group by shop

),

-- snapshots of the past are of a sample already
sampled as (

    select
        combined.*,
        combined.periods_ago > 0
        or {{ hash_share('combined.customer_id') }} * shops.customers < {{ var('fit_rows') }}
            as is_in_sample
    from combined
    inner join shops
        on combined.shop = shops.shop

)

select * from sampled
