with

cutoffs as (

    select * from {{ ref('int_prediction_cutoffs') }}

),

customer_horizons as (

    select * from {{ ref('int_customer_horizons') }}

),

shops as (

    select
        shop,
        count(*) as customers
    from {{ ref('int_customer_orders') }}
    group by shop

),

-- a hash sample of the customers where there are many
sampled as (

    select
        customer_horizons.*,
        {{ hash_share('customer_horizons.customer_id') }} * shops.customers
        < {{ var('fit_rows') }} as is_sampled
    from customer_horizons
    inner join shops
        on customer_horizons.shop = shops.shop

),

-- the present is for all customers, the past for the sample
chosen as (

    select
        sampled.*,
        cutoffs.periods_ago,
        cutoffs.cutoff_on
    from sampled
    inner join cutoffs
        on
            sampled.shop = cutoffs.shop
            -- nothing of the cutoff's day or later
            and sampled.horizon_number >= cutoffs.periods_ago
            and (cutoffs.periods_ago = 0 or sampled.is_sampled)

),

summed as (

    select
        shop,
        periods_ago,
        cutoff_on,
        customer_id,
        cast(sum(purchase_days) as {{ dbt.type_bigint() }}) as purchase_days,
        cast(sum(orders) as {{ dbt.type_bigint() }}) as frequency,
        cast(sum(revenue) as {{ money_type() }}) as monetary,
        sum(units_purchased) as units_purchased,
        sum(units_returned) as units_returned,
        sum(case when horizon_number = periods_ago then orders else 0 end) as recent_orders,
        sum(case when horizon_number = periods_ago + 1 then orders else 0 end) as previous_orders,
        min(first_ordered_on) as first_ordered_on,
        max(last_ordered_on) as last_ordered_on
    from chosen
    group by shop, periods_ago, cutoff_on, customer_id

),

measured as (

    select
        shop,
        periods_ago,
        customer_id,
        purchase_days,
        {{ dbt.datediff('last_ordered_on', 'cutoff_on', 'day') }}
            as recency_days,
        frequency,
        monetary,
        {{ percentage('units_returned', 'greatest(units_purchased, 1)') }} as return_rate_pct,
        {{ dbt.datediff('first_ordered_on', 'cutoff_on', 'day') }}
            as tenure_days,
        cast(recent_orders as {{ dbt.type_bigint() }}) as recent_orders,
        cast(previous_orders as {{ dbt.type_bigint() }}) as previous_orders,
        cutoff_on
    from summed
    where first_ordered_on is not null

)

select * from measured
