with

predictions as (

    select * from {{ ref('int_backtest_predictions') }}

),

scored as (

    {% for scorer, score in prediction_scorers().items() %}
    select
        shop,
        model,
        periods_ago,
        '{{ scorer }}' as scorer,
        cast({{ score }} as decimal(38, 9)) as score,
        is_positive
    from predictions
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

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
        cast(sum(customers) over best_first as {{ dbt.type_bigint() }}) as customers_up_to,
        cast(sum(positives) over best_first as {{ dbt.type_bigint() }}) as positives_up_to,
        cast(sum(customers) over everybody as {{ dbt.type_bigint() }}) as all_customers,
        cast(sum(positives) over everybody as {{ dbt.type_bigint() }}) as all_positives
    from grouped
    window
        best_first as (partition by shop, model, periods_ago, scorer order by score desc),
        everybody as (partition by shop, model, periods_ago, scorer)

)

select * from accumulated
