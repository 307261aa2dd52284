with

snapshots as (

    select * from {{ ref('int_customer_snapshots') }}
    where periods_ago = 0

),

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}
    where periods_ago = 0

),

expectations as (

    select * from {{ ref('lifetime_expectations') }}
    where periods_ago = 0

),

parameters as (

    select * from {{ ref('lifetime_parameters') }}
    where periods_ago = 0

),

published_lifetimes as (

    select shop from {{ ref('int_model_publication') }}
    where model = 'lifetime_value' and is_published

),

valued as (

    select
        purchase_summaries.shop,
        purchase_summaries.customer_id,
        expectations.alive_probability,
        expectations.expected_purchase_days,
        {{ expected_order_value(
            'parameters', 'purchase_summaries.repeats + 1', 'purchase_summaries.mean_value'
        ) }} as expected_value
    from purchase_summaries
    inner join published_lifetimes
        on purchase_summaries.shop = published_lifetimes.shop
    inner join parameters
        on purchase_summaries.shop = parameters.shop
    inner join expectations
        on
            purchase_summaries.shop = expectations.shop
            and purchase_summaries.repeats = expectations.repeats
            and purchase_summaries.last_time_days = expectations.last_time_days
            and purchase_summaries.age_days = expectations.age_days

),

scored as (

    select
        coalesce(snapshots.shop, valued.shop) as shop,
        coalesce(snapshots.customer_id, valued.customer_id) as customer_id,
        {% for model in ['high_value', 'churn'] %}
        cast({{ function(model ~ '_probability') }}(
            snapshots.shop,
            snapshots.recency_days,
            snapshots.frequency,
            snapshots.monetary,
            snapshots.return_rate_pct,
            snapshots.tenure_days,
            snapshots.recent_orders,
            snapshots.previous_orders
        ) as decimal(18, 6)) as {{ model }}_probability,
        {% endfor %}
        cast(valued.alive_probability as decimal(18, 6)) as alive_probability,
        cast(valued.expected_purchase_days as decimal(18, 6)) as expected_purchase_days,
        cast(valued.expected_purchase_days * valued.expected_value as {{ money_type() }})
            as expected_revenue
    from snapshots
    full outer join valued
        on
            snapshots.shop = valued.shop
            and snapshots.customer_id = valued.customer_id

)

select * from scored
