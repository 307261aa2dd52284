with

predictions as (

    select
        shop,
        model,
        periods_ago,
        cast(sum(predicted) as decimal(18, 4)) as predicted_total,
        cast(sum(actual) as {{ dbt.type_bigint() }}) as actual_total
    from {{ ref('int_backtest_predictions') }}
    group by shop, model, periods_ago

),

outcomes as (

    select
        shop,
        'lifetime_value' as model,
        periods_ago,
        cast(max(tested_horizon_days) as {{ dbt.type_bigint() }}) as tested_horizon_days,
        cast(sum(predicted_purchase_days) as decimal(18, 4)) as predicted_purchase_days,
        cast(sum(actual_purchase_days) as {{ dbt.type_bigint() }}) as actual_purchase_days,
        cast(sum(predicted_revenue) as {{ money_type() }}) as predicted_revenue,
        cast(sum(actual_revenue) as {{ money_type() }}) as actual_revenue
    from {{ ref('int_lifetime_outcomes') }}
    group by shop, periods_ago

),

joined as (

    select
        predictions.*,
        -- too high or too low, as far ahead as is published and known
        {{ percentage(
            'abs(outcomes.predicted_purchase_days - outcomes.actual_purchase_days)',
            'outcomes.actual_purchase_days'
        ) }} as total_error_pct,
        outcomes.tested_horizon_days,
        outcomes.predicted_purchase_days,
        outcomes.actual_purchase_days,
        outcomes.predicted_revenue,
        outcomes.actual_revenue
    from predictions
    left join outcomes
        on
            predictions.shop = outcomes.shop
            and predictions.model = outcomes.model
            and predictions.periods_ago = outcomes.periods_ago

)

select * from joined
