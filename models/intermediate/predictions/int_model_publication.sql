{#- Fewer customers of a label may be chance; totals that far off are still of use. -#}
{% set fewest_tested = 30 -%}
{% set highest_error_pct = 25 -%}
{% set shown = [
    'auc', 'error_pct', 'strongest_baseline', 'auc_gain', 'auc_gain_low', 'auc_gain_high',
    'tested_positives', 'tested_negatives',
] -%}

with

fits as (

    select * from {{ ref('int_model_fits') }}

),

metrics as (

    select * from {{ ref('int_backtest_metrics') }}
    where scorer = 'model' and auc is not null

),

totals as (

    select * from {{ ref('int_backtest_totals') }}
    where model = 'lifetime_value'

),

compared as (

    select
        metrics.shop,
        metrics.model,
        max(metrics.auc) as highest_auc,
        avg(metrics.auc) as auc,
        avg(totals.total_error_pct) as error_pct
    from metrics
    left join totals
        on
            metrics.shop = totals.shop
            and metrics.model = totals.model
            and metrics.periods_ago = totals.periods_ago
    group by metrics.shop, metrics.model

),

gains as (

    select * from {{ ref('int_model_gains') }}
    where is_strongest

),

-- the baseline that the model is least sure to beat is the one to beat
tested as (

    select
        gains.*,
        gains.baseline as strongest_baseline,
        compared.highest_auc,
        compared.auc,
        compared.error_pct
    from compared
    inner join gains
        on compared.shop = gains.shop and compared.model = gains.model

),

judged as (

    select
        fits.shop,
        fits.model,
        fits.problem,
        {% for column in shown %}
        tested.{{ column }},
        {% endfor %}
        case
            -- it says who is valuable today, and foretells nothing
            when fits.model = 'descriptive' then 'not_a_prediction'
            -- the fit says itself why it cannot be used
            when fits.problem is not null then 'unusable_fit'
            -- not enough customers with and without the label
            when not fits.is_fitted then 'too_few_customers'
            -- its past cannot be rebuilt, but first and last day and the number of orders are there
            when tested.shop is null and fits.model = 'lifetime_value' and not fits.has_orders
                then 'untested'
            -- nothing lies after the fit that it could be tested by
            when tested.shop is null then 'too_short_history'
            -- nobody foresees people that well: a feature has seen the label
            when tested.highest_auc > 0.98 then 'leak'
            -- whatever came out may be chance
            when least(tested.tested_positives, tested.tested_negatives) < {{ fewest_tested }}
                then 'too_few_tested'
            when tested.auc_gain_low is null then 'too_few_tested'
            -- the model has earned its place
            when tested.auc_gain_low > 0 then 'published'
            -- it ranks no better than a baseline, but says how much, which no baseline does
            when tested.error_pct <= {{ highest_error_pct }} then 'right_totals'
            -- a baseline does the same without a model, as far as can be told
            else 'no_better'
        end as verdict
    from fits
    left join tested
        on fits.shop = tested.shop and fits.model = tested.model

),

marked as (

    select
        *,
        verdict in ('published', 'right_totals', 'untested') as is_published
    from judged

)

select * from marked
