with

lifetimes as (

    select * from {{ ref('int_customer_lifetimes') }}

),

grouped as (

    select
        shop,
        periods_ago,
        repeats,
        last_time_days,
        age_days,
        count(*) as customers
    from lifetimes
    group by shop, periods_ago, repeats, last_time_days, age_days

)

select * from grouped
