with

predictions as (

    select * from {{ ref('int_backtest_predictions') }}

),

-- who is away long and scores low is likely to churn, and unlikely to do anything else
scored as (

    select
        shop,
        model,
        periods_ago,
        'model' as scorer,
        predicted as score,
        is_positive
    from predictions
    union all
    select
        shop,
        model,
        periods_ago,
        'recency' as scorer,
        cast(case when model = 'churn' then recency_days else -recency_days end as decimal(18, 9))
            as score,
        is_positive
    from predictions
    union all
    select
        shop,
        model,
        periods_ago,
        'rfm_sum' as scorer,
        cast(case when model = 'churn' then -rfm_sum else rfm_sum end as decimal(18, 9)) as score,
        is_positive
    from predictions

),

-- equal scores are one step of the curve
grouped as (

    select
        shop,
        model,
        periods_ago,
        scorer,
        score,
        count(*) as customers,
        count(case when is_positive then 1 end) as positives
    from scored
    group by shop, model, periods_ago, scorer, score

),

accumulated as (

    select
        *,
        sum(customers) over best_first as customers_up_to,
        sum(positives) over best_first as positives_up_to,
        sum(customers) over everybody as all_customers,
        sum(positives) over everybody as all_positives
    from grouped
    window
        best_first as (partition by shop, model, periods_ago, scorer order by score desc),
        everybody as (partition by shop, model, periods_ago, scorer)

)

select * from accumulated
