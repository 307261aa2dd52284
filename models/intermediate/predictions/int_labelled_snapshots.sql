with

snapshots as (

    select * from {{ ref('int_customer_snapshots') }}
    where periods_ago > 0

),

customer_horizons as (

    select * from {{ ref('int_customer_horizons') }}

),

-- the horizon after a cutoff is the one before it in number
followed as (

    select
        snapshots.*,
        coalesce(customer_horizons.orders, 0) as orders_after,
        coalesce(customer_horizons.purchase_days, 0) as purchase_days_after,
        coalesce(customer_horizons.revenue, 0) as revenue_after
    from snapshots
    left join customer_horizons
        on
            snapshots.shop = customer_horizons.shop
            and snapshots.customer_id = customer_horizons.customer_id
            and snapshots.periods_ago - 1 = customer_horizons.horizon_number

),

ranked as (

    select
        *,
        percent_rank() over (partition by shop, periods_ago order by revenue_after)
            as revenue_after_rank,
        percent_rank() over (partition by shop, periods_ago order by recency_days desc)
            as recency_rank,
        percent_rank() over (partition by shop, periods_ago order by frequency) as frequency_rank,
        percent_rank() over (partition by shop, periods_ago order by monetary) as monetary_rank
    from followed

),

labelled as (

    select
        shop,
        periods_ago,
        customer_id,
        {% for name, expression in prediction_features().items() %}
        {{ expression }} as {{ name }},
        {% endfor %}
        recency_days,
        cast(
            least(floor(5 * recency_rank), 4) + least(floor(5 * frequency_rank), 4)
            + least(floor(5 * monetary_rank), 4) + 3 as integer
        ) as rfm_sum,
        monetary,
        {{ rounded('cast(frequency as double) / greatest(tenure_days, 1)', 9) }}
            as order_rate,
        -- the top decile of what was spent in the horizon; whoever spent nothing is not in it
        revenue_after_rank >= 0.9 and revenue_after > 0 as is_high_value,
        orders_after = 0 as has_churned,
        purchase_days_after,
        cutoff_on
    from ranked

)

select * from labelled
