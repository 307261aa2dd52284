with

fits as (

    select * from {{ ref('int_model_fits') }}

),

metrics as (

    select * from {{ ref('int_backtest_metrics') }}
    where auc is not null

),

totals as (

    select * from {{ ref('int_backtest_totals') }}
    where model = 'lifetime_value'

),

compared as (

    select
        metrics.shop,
        metrics.model,
        count(distinct metrics.periods_ago) as cutoffs,
        max(case when metrics.scorer = 'model' then metrics.auc end) as highest_auc,
        avg(case when metrics.scorer = 'model' then metrics.auc end) as auc,
        greatest(
            avg(case when metrics.scorer = 'recency' then metrics.auc end),
            avg(case when metrics.scorer = 'rfm_sum' then metrics.auc end)
        ) as baseline_auc,
        avg(case when metrics.scorer = 'model' then totals.total_error_pct end) as error_pct
    from metrics
    left join totals
        on
            metrics.shop = totals.shop
            and metrics.model = totals.model
            and metrics.periods_ago = totals.periods_ago
    group by metrics.shop, metrics.model

),

judged as (

    select
        fits.shop,
        fits.model,
        case
            -- it says who is valuable today, and foretells nothing
            when fits.model = 'descriptive' then 'not_a_prediction'
            -- the fit says itself why it cannot be used
            when fits.problem is not null then 'unusable_fit'
            -- not enough customers with and without the label
            when not fits.is_fitted then 'too_few_customers'
            -- its past cannot be rebuilt, but first and last day and the number of orders are there
            when compared.cutoffs is null and fits.model = 'lifetime_value' and not fits.has_orders
                then 'untested'
            -- nothing lies after the fit that it could be tested by
            when compared.cutoffs is null then 'too_short_history'
            -- nobody foresees people that well: a feature has seen the label
            when compared.highest_auc > 0.98 then 'leak'
            -- it ranks no better than a baseline, but says how much, which no baseline does
            when compared.auc <= compared.baseline_auc and compared.error_pct <= 25
                then 'right_totals'
            -- a baseline does the same without a model
            when compared.auc <= compared.baseline_auc then 'no_better'
            -- the model has earned its place
            else 'published'
        end as verdict,
        fits.problem,
        concat(
            'mean AUC ', {{ decimal_text('compared.auc', 3) }},
            ' against ', {{ decimal_text('compared.baseline_auc', 3) }}, ' of the better baseline',
            case
                when fits.model = 'lifetime_value'
                    then concat(
                        '; total purchase days were off by ',
                        {{ decimal_text('compared.error_pct', 1) }}, ' % on average'
                    )
            end
        ) as figures
    from fits
    left join compared
        on fits.shop = compared.shop and fits.model = compared.model

),

worded as (

    select
        shop,
        model,
        verdict,
        case verdict
            when 'not_a_prediction'
                then 'not a prediction: who is in the most valuable cluster of the same days'
            when 'unusable_fit' then problem
            when 'too_few_customers'
                then 'too little history: not enough customers with and without the label'
            when 'untested'
                then 'published untested: the shop knows no orders, so that its past is not known'
            when 'too_short_history'
                then 'too little history: no later cutoff to test the fit at'
            when 'leak' then 'AUC above 0.98: a leak'
            when 'no_better' then concat('no better than a baseline: ', figures)
            when 'published' then concat('published: ', figures)
            when 'right_totals' then concat('published for its totals: ', figures)
        end as reason,
        verdict in ('published', 'right_totals', 'untested') as is_published
    from judged

)

select * from worded
