with

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}
    where periods_ago > 0

),

expectations as (

    select * from {{ ref('lifetime_expectations') }}

),

parameters as (

    select * from {{ ref('lifetime_parameters') }}

),

customer_horizons as (

    select * from {{ ref('int_customer_horizons') }}

),

predicted as (

    select
        purchase_summaries.shop,
        purchase_summaries.periods_ago,
        purchase_summaries.customer_id,
        expectations.tested_horizon_days,
        cast(expectations.tested_purchase_days as decimal(18, 9)) as predicted_purchase_days,
        cast(expectations.tested_purchase_days * {{ expected_order_value(
            'parameters',
            'purchase_summaries.repeats + 1',
            'purchase_summaries.mean_value'
        ) }} as {{ money_type() }}) as predicted_revenue
    from purchase_summaries
    inner join expectations
        on
            purchase_summaries.shop = expectations.shop
            and purchase_summaries.periods_ago = expectations.periods_ago
            and purchase_summaries.repeats = expectations.repeats
            and purchase_summaries.last_time_days = expectations.last_time_days
            and purchase_summaries.age_days = expectations.age_days
    inner join parameters
        on
            purchase_summaries.shop = parameters.shop
            and purchase_summaries.periods_ago = parameters.periods_ago

),

followed as (

    select
        predicted.shop,
        predicted.periods_ago,
        predicted.customer_id,
        coalesce(sum(customer_horizons.purchase_days), 0) as actual_purchase_days,
        coalesce(sum(customer_horizons.revenue), 0) as actual_revenue
    from predicted
    left join customer_horizons
        on
            predicted.shop = customer_horizons.shop
            and predicted.customer_id = customer_horizons.customer_id
            and predicted.periods_ago > customer_horizons.horizon_number
            -- what the look ahead covers; a table on each side: else all pairs would be compared
            and customer_horizons.horizon_number >= predicted.periods_ago
            - predicted.tested_horizon_days / {{ var('prediction_horizon_days') }}
    group by predicted.shop, predicted.periods_ago, predicted.customer_id

),

-- equal expectations are in one fifth
ranked as (

    select
        predicted.*,
        followed.actual_purchase_days,
        followed.actual_revenue,
        cast(
            least(
                floor(
                    5 * percent_rank() over (
                        partition by predicted.shop, predicted.periods_ago
                        order by predicted.predicted_purchase_days
                    )
                ), 4
            ) + 1 as integer
        ) as fifth
    from predicted
    inner join followed
        on
            predicted.shop = followed.shop
            and predicted.periods_ago = followed.periods_ago
            and predicted.customer_id = followed.customer_id

),

summed as (

    select
        shop,
        periods_ago,
        fifth,
        max(tested_horizon_days) as tested_horizon_days,
        count(*) as customers,
        sum(predicted_purchase_days) as predicted_purchase_days,
        cast(sum(actual_purchase_days) as {{ dbt.type_bigint() }}) as actual_purchase_days,
        cast(sum(predicted_revenue) as {{ money_type() }}) as predicted_revenue,
        cast(sum(actual_revenue) as {{ money_type() }}) as actual_revenue
    from ranked
    group by shop, periods_ago, fifth

)

select * from summed
