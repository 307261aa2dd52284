with

metrics as (

    select * from {{ ref('int_backtest_metrics') }}
    where auc is not null

),

compared as (

    select
        shop,
        model,
        count(distinct periods_ago) as cutoffs,
        max(case when scorer = 'model' then auc end) as highest_auc,
        avg(case when scorer = 'model' then auc end) as auc,
        greatest(
            avg(case when scorer = 'recency' then auc end),
            avg(case when scorer = 'rfm_sum' then auc end)
        ) as baseline_auc
    from metrics
    group by shop, model

)

select * from compared
