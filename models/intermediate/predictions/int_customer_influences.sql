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
        customer_id,
        is_positive,
        cast({{ score }} as decimal(38, 9)) as score
    from predictions
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

-- lowest score first, equal ones at the middle of their ranks
ranked as (

    select
        *,
        rank() over by_score + (count(*) over equal_scores - 1) / 2.0e0 as middle_rank,
        rank() over by_score_of_label + (count(*) over equal_scores_of_label - 1) / 2.0e0
            as middle_rank_of_label,
        count(*) over everybody as customers,
        count(*) over of_label as label_customers
    from scored
    window
        everybody as (partition by shop, model, periods_ago, scorer),
        by_score as (partition by shop, model, periods_ago, scorer order by score),
        equal_scores as (partition by shop, model, periods_ago, scorer, score),
        of_label as (partition by shop, model, periods_ago, scorer, is_positive),
        by_score_of_label
        as (partition by shop, model, periods_ago, scorer, is_positive order by score),
        equal_scores_of_label
        as (partition by shop, model, periods_ago, scorer, is_positive, score)

),

-- the share of customers of the other label that stand on the right side; the mean is the AUC
placed as (

    select
        *,
        cast(
            case when is_positive then 0 else 1 end
            + case when is_positive then 1 else -1 end
            * (middle_rank - middle_rank_of_label) / (customers - label_customers)
            as decimal(38, 15)
        ) as placement
    from ranked
    where label_customers < customers

),

-- DeLong, DeLong and Clarke-Pearson (1988), equations 4 to 6
weighed as (

    select
        *,
        (
            placement - cast(
                sum(placement) over (
                    partition by shop, model, periods_ago, scorer, is_positive
                ) as double
            ) / label_customers
        ) / sqrt(cast(label_customers as double) * greatest(label_customers - 1, 1)) as influence
    from placed

),

-- what a customer does after one cutoff says something about what he does after the next
summed as (

    select
        shop,
        model,
        scorer,
        customer_id,
        cast(
            sum(
                cast(
                    case when is_positive then placement / label_customers end as decimal(38, 15)
                )
            ) as decimal(38, 15)
        ) as auc_part,
        cast(sum(cast(influence as decimal(38, 15))) as decimal(38, 15)) as influence
    from weighed
    group by shop, model, scorer, customer_id

)

select * from summed
