with

snapshots as (

    select * from {{ ref('int_customer_snapshots') }}
    where periods_ago > 0

),

customer_horizons as (

    select * from {{ ref('int_customer_horizons') }}

),

{% set window_days = var('rfm_window_days') %}
-- RFM of a window is that of as many horizons as the window has begun
windowed as (

    {% if window_days is none %}
    select * from snapshots
    {% else %}
    select
        snapshots.shop,
        snapshots.periods_ago,
        snapshots.customer_id,
        snapshots.recency_days,
        snapshots.cutoff_on,
        cast(coalesce(sum(customer_horizons.orders), 0) as {{ dbt.type_bigint() }}) as frequency,
        cast(coalesce(sum(customer_horizons.revenue), 0) as {{ money_type() }}) as monetary,
        {{ percentage(
            'coalesce(sum(customer_horizons.units_returned), 0)',
            'greatest(coalesce(sum(customer_horizons.units_purchased), 0), 1)',
        ) }} as return_rate_pct
    from snapshots
    left join customer_horizons
        on
            snapshots.shop = customer_horizons.shop
            and snapshots.customer_id = customer_horizons.customer_id
            and customer_horizons.horizon_number >= snapshots.periods_ago
            and (customer_horizons.horizon_number - snapshots.periods_ago)
            * {{ var('prediction_horizon_days') }} < {{ window_days }}
    group by
        snapshots.shop,
        snapshots.periods_ago,
        snapshots.customer_id,
        snapshots.recency_days,
        snapshots.cutoff_on
    {% endif %}

),

-- equal values have equal ranks, as in int_customer_scores
ranked as (

    select
        *,
        percent_rank() over (partition by shop, periods_ago order by recency_days desc)
            as recency_rank,
        percent_rank() over (partition by shop, periods_ago order by frequency) as frequency_rank,
        percent_rank() over (partition by shop, periods_ago order by monetary) as monetary_rank
    from windowed

),

scored as (

    select
        *,
        cast(least(floor(5 * recency_rank) + 1, 5) as integer) as recency_score,
        cast(least(floor(5 * frequency_rank) + 1, 5) as integer) as frequency_score,
        cast(least(floor(5 * monetary_rank) + 1, 5) as integer) as monetary_score,
        -- the others would take a cluster for themselves, as in int_customer_rfm
        frequency > 0 and monetary > 0 as is_in_fit
    from ranked

),

-- the horizon after a cutoff is the one before it in number
followed as (

    select
        scored.shop,
        scored.periods_ago,
        scored.customer_id,
        scored.recency_days,
        scored.frequency,
        scored.monetary,
        scored.return_rate_pct,
        scored.recency_score,
        scored.frequency_score,
        scored.monetary_score,
        scored.is_in_fit,
        scored.cutoff_on,
        coalesce(customer_horizons.orders, 0) as next_orders,
        coalesce(customer_horizons.revenue, 0) as next_revenue,
        coalesce(customer_horizons.units_purchased, 0) as next_units_purchased,
        coalesce(customer_horizons.units_returned, 0) as next_units_returned
    from scored
    left join customer_horizons
        on
            scored.shop = customer_horizons.shop
            and scored.customer_id = customer_horizons.customer_id
            and scored.periods_ago - 1 = customer_horizons.horizon_number

)

select * from followed
