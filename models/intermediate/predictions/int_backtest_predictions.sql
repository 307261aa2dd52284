with

snapshots as (

    select * from {{ ref('int_labelled_snapshots') }}

),

training_rows as (

    select * from {{ ref('int_training_rows') }}
    where periods_ago > 0

),

slopes as (

    select * from {{ ref('int_logistic_slopes') }}

),

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}

),

expectations as (

    select * from {{ ref('lifetime_expectations') }}

),

-- each customer by the fit that knew nothing after the cutoff
predicted as (

    select
        training_rows.shop,
        training_rows.model,
        training_rows.periods_ago,
        training_rows.customer_id,
        training_rows.is_positive,
        1 / (1 + exp(-(
            slopes.intercept
            {% for feature in prediction_features() %}
            + slopes.{{ feature }}_slope * training_rows.{{ feature }}
            {% endfor %}
        ))) as predicted,
        case when training_rows.is_positive then 1 else 0 end as actual
    from training_rows
    inner join slopes
        on
            training_rows.shop = slopes.shop
            and training_rows.model = slopes.model
            and training_rows.periods_ago = slopes.periods_ago
    union all
    select
        snapshots.shop,
        'lifetime_value' as model,
        snapshots.periods_ago,
        snapshots.customer_id,
        snapshots.purchase_days_after > 0 as is_positive,
        expectations.expected_purchase_days as predicted,
        snapshots.purchase_days_after as actual
    from snapshots
    inner join purchase_summaries
        on
            snapshots.shop = purchase_summaries.shop
            and snapshots.periods_ago = purchase_summaries.periods_ago
            and snapshots.customer_id = purchase_summaries.customer_id
    inner join expectations
        on
            purchase_summaries.shop = expectations.shop
            and purchase_summaries.periods_ago = expectations.periods_ago
            and purchase_summaries.repeats = expectations.repeats
            and purchase_summaries.last_time_days = expectations.last_time_days
            and purchase_summaries.age_days = expectations.age_days

),

joined as (

    select
        predicted.shop,
        predicted.model,
        predicted.periods_ago,
        predicted.customer_id,
        predicted.is_positive,
        cast(predicted.predicted as decimal(18, 9)) as predicted,
        predicted.actual,
        snapshots.recency_days,
        snapshots.rfm_sum,
        snapshots.monetary,
        snapshots.order_rate,
        snapshots.cutoff_on
    from predicted
    inner join snapshots
        on
            predicted.shop = snapshots.shop
            and predicted.periods_ago = snapshots.periods_ago
            and predicted.customer_id = snapshots.customer_id

)

select * from joined
