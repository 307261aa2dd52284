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

-- the present is for all customers, the past for a hash sample of them where there are many
chosen as (

    select
        cutoffs.shop,
        cutoffs.periods_ago,
        cutoffs.cutoff_on,
        customer_horizons.customer_id,
        customer_horizons.horizon_number,
        customer_horizons.orders,
        customer_horizons.purchase_days,
        customer_horizons.revenue,
        customer_horizons.units_purchased,
        customer_horizons.units_returned,
        customer_horizons.first_ordered_on,
        customer_horizons.last_ordered_on
    from customer_horizons
    inner join shops
        on customer_horizons.shop = shops.shop
    inner join cutoffs
        on
            customer_horizons.shop = cutoffs.shop
            -- nothing of the cutoff's day or later
            and customer_horizons.horizon_number >= cutoffs.periods_ago
    where
        cutoffs.periods_ago = 0
        or {{ hash_share('customer_horizons.customer_id') }} * shops.customers
        < {{ var('fit_rows') }}

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
