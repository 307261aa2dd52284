with

publication as (

    select * from {{ ref('int_model_reasons') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

metrics as (

    select * from {{ ref('int_backtest_metrics') }}

),

cutoffs as (

    select * from {{ ref('int_prediction_cutoffs') }}

),

totals as (

    select * from {{ ref('int_backtest_totals') }}

),

calibrations as (

    select
        shop,
        model,
        periods_ago,
        sum(squared_error) as squared_error,
        sum(abs(predicted_total - positives)) as calibration_error,
        sum(customers) as customers
    from {{ ref('int_calibration_bins') }}
    group by shop, model, periods_ago

),

pivoted as (

    select
        shop,
        model,
        periods_ago,
        {% for metric in ['auc', 'average_precision', 'lift_at_10_pct'] %}
        max(case when scorer = 'model' then {{ metric }} end) as {{ metric }},
        {% for name in prediction_baselines() %}
        max(case when scorer = '{{ name }}' then {{ metric }} end) as {{ name }}_{{ metric }},
        {% endfor %}
        {% endfor %}
        max(customers) as customers,
        max(positives) as positives
    from metrics
    group by shop, model, periods_ago

),

joined as (

    select
        publication.shop,
        publication.model,
        coalesce(cutoffs.cutoff_on, as_of_dates.as_of_date) as cutoff_on,
        pivoted.customers,
        pivoted.positives,
        {{ percentage('pivoted.positives', 'pivoted.customers') }} as prevalence_pct,
        {% for metric in ['auc', 'average_precision', 'lift_at_10_pct'] %}
        pivoted.{{ metric }},
        {% for baseline in prediction_baselines() %}
        pivoted.{{ baseline }}_{{ metric }},
        {% endfor %}
        {% endfor %}
        cast(calibrations.squared_error / calibrations.customers as decimal(18, 6)) as brier_score,
        cast(calibrations.calibration_error / calibrations.customers as decimal(18, 6))
            as expected_calibration_error,
        totals.predicted_total,
        totals.actual_total,
        totals.tested_horizon_days,
        totals.predicted_purchase_days,
        totals.actual_purchase_days,
        totals.predicted_revenue,
        totals.actual_revenue,
        publication.strongest_baseline,
        publication.auc_gain,
        publication.auc_gain_low,
        publication.auc_gain_high,
        publication.tested_positives,
        publication.tested_negatives,
        publication.is_published,
        publication.verdict,
        publication.reason
    from publication
    inner join as_of_dates
        on publication.shop = as_of_dates.shop
    left join pivoted
        on publication.shop = pivoted.shop and publication.model = pivoted.model
    left join cutoffs
        on pivoted.shop = cutoffs.shop and pivoted.periods_ago = cutoffs.periods_ago
    left join totals
        on
            pivoted.shop = totals.shop
            and pivoted.model = totals.model
            and pivoted.periods_ago = totals.periods_ago
    left join calibrations
        on
            pivoted.shop = calibrations.shop
            and pivoted.model = calibrations.model
            and pivoted.periods_ago = calibrations.periods_ago

)

select * from joined
