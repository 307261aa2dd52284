with

customers as (

    select * from {{ ref('int_customer_rfm') }}
    where is_in_fit

),

shops as (

    select
        shop,
        count(*) as customers
    from customers
    group by shop

),

-- a hash of the id decides, so that the same customers are drawn at any row order
sampled as (

    select
        customers.shop,
        customers.customer_id,
        cast(customers.recency_days as double) as recency_days,
        cast(customers.frequency as double) as frequency,
        cast(customers.monetary as double) as monetary,
        cast(customers.return_rate_pct as double) as return_rate_pct,
        {{ hash_share('customers.customer_id') }} as sample_share,
        customers.as_of_date
    from customers
    inner join shops
        on customers.shop = shops.shop
    where
        shops.customers <= {{ var('fit_rows') }}
        or {{ hash_share('customers.customer_id') }} * shops.customers < {{ var('fit_rows') }}

)

select * from sampled
