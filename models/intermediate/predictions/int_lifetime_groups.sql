with

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}

),

grouped as (

    select
        shop,
        periods_ago,
        repeats,
        last_time_days,
        age_days,
        count(*) as customers
    from purchase_summaries
    group by shop, periods_ago, repeats, last_time_days, age_days

)

select * from grouped
