with

-- what has fallen out of the window by the end of a month is taken back
customer_months as (

    select * from {{ ref('int_customer_months') }}
    union all
    select * from {{ ref('int_customer_leaving_months') }}

),

changes as (

    select
        shop,
        customer_id,
        month,
        sum(orders) as orders,
        sum(revenue) as revenue,
        sum(units_purchased) as units_purchased,
        sum(units_returned) as units_returned,
        max(last_ordered_on) as last_ordered_on,
        max(last_active_on) as last_active_on
    from customer_months
    group by shop, customer_id, month

),

as_of_dates as (

    select
        shop,
        {{ month_of('as_of_date') }} as as_of_month
    from {{ ref('int_as_of_dates') }}

),

-- everything known of a customer at the end of a month with activity, from partial sums by month
accumulated as (

    select
        shop,
        customer_id,
        month as first_month,
        lead(month) over by_month as next_month,
        sum(orders) over by_month as frequency,
        sum(revenue) over by_month as monetary,
        sum(units_purchased) over by_month as units_purchased,
        sum(units_returned) over by_month as units_returned,
        max(last_ordered_on) over by_month as last_ordered_on,
        max(last_active_on) over by_month as last_active_on
    from changes
    window by_month as (partition by shop, customer_id order by month)

),

-- … stays true until the month before the next activity (null in the last row, which least passes
-- over); the month of the as-of date is not over
bounded as (

    select
        accumulated.shop,
        accumulated.customer_id,
        cast(accumulated.frequency as {{ dbt.type_bigint() }}) as frequency,
        cast(accumulated.monetary as {{ money_type() }}) as monetary,
        {{ percentage('accumulated.units_returned', 'greatest(accumulated.units_purchased, 1)') }}
            as return_rate_pct,
        -- a customer without a purchase is as recent as the last thing heard of them
        coalesce(accumulated.last_ordered_on, accumulated.last_active_on) as recent_on,
        accumulated.first_month,
        {{ add_months(-1, 'least(accumulated.next_month, as_of_dates.as_of_month)') }}
            as last_month
    from accumulated
    inner join as_of_dates
        on accumulated.shop = as_of_dates.shop
    where accumulated.first_month < as_of_dates.as_of_month

),

expanded as (

    select
        *,
        {{ each_month('first_month', 'last_month') }} as month
    from bounded

),

dated as (

    select
        *,
        {{ add_months(1, 'month') }} as as_of_date
    from expanded

),

measured as (

    select
        shop,
        customer_id,
        month,
        {{ dbt.datediff('recent_on', 'as_of_date', 'day') }}
            as recency_days,
        frequency,
        monetary,
        return_rate_pct,
        as_of_date
    from dated

)

select * from measured
