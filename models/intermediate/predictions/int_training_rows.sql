with

snapshots as (

    select * from {{ ref('int_labelled_snapshots') }}

),

combined as (

    select
        shop,
        'high_value' as model,
        periods_ago,
        customer_id,
        {{ prediction_features() | join(',\n        ') }},
        is_high_value as is_positive
    from snapshots
    union all
    -- whoever has been away for two horizons has left before the cutoff
    select
        shop,
        'churn' as model,
        periods_ago,
        customer_id,
        {{ prediction_features() | join(',\n        ') }},
        has_churned as is_positive
    from snapshots
    where recency_days <= {{ 2 * var('prediction_horizon_days') }}

)

select * from combined
