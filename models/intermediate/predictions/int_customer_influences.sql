{% set scorers = prediction_scorers() -%}

with

curves as (

    select * from {{ ref('int_backtest_curves') }}
    where all_positives > 0 and all_positives < all_customers

),

-- share of the other label on the right side of a score, equal ones half; the mean is the AUC
placed as (

    select
        *,
        cast(
            (
                all_customers - all_positives - customers_up_to + positives_up_to
                + (customers - positives) / 2.0e0
            ) / (all_customers - all_positives)
            as decimal(16, 15)
        ) as placement_with,
        cast(
            1 - (all_positives - positives_up_to + positives / 2.0e0) / all_positives
            as decimal(16, 15)
        ) as placement_without,
        all_customers - all_positives as all_negatives
    from curves

),

averaged as (

    select
        *,
        cast(sum(positives * placement_with) over curve as double) / all_positives as mean_with,
        cast(sum((customers - positives) * placement_without) over curve as double)
        / all_negatives as mean_without
    from placed
    window curve as (partition by shop, model, periods_ago, scorer)

),

-- DeLong, DeLong and Clarke-Pearson (1988), equations 4 to 6
weighed as (

    select
        shop,
        model,
        periods_ago,
        scorer,
        score,
        cast(placement_with / all_positives as decimal(18, 15)) as auc_part,
        cast(
            (placement_with - mean_with)
            / sqrt(cast(all_positives as double) * greatest(all_positives - 1, 1))
            as decimal(18, 15)
        ) as influence_with,
        cast(
            (placement_without - mean_without)
            / sqrt(cast(all_negatives as double) * greatest(all_negatives - 1, 1))
            as decimal(18, 15)
        ) as influence_without
    from averaged

),

scored as (

    select
        shop,
        model,
        periods_ago,
        customer_id,
        {% for scorer, score in scorers.items() %}
        cast({{ score }} as decimal(38, 9)) as score_{{ scorer }},
        {% endfor %}
        is_positive
    from {{ ref('int_backtest_predictions') }}

),

-- what a customer does after one cutoff says something about what he does after the next
summed as (

    select
        scored.shop,
        scored.model,
        {% for scorer in scorers %}
        cast(sum(case when scored.is_positive then by_{{ scorer }}.auc_part end) as decimal(38, 15))
            as auc_part_{{ scorer }},
        cast(
            sum(
                case
                    when scored.is_positive then by_{{ scorer }}.influence_with
                    else by_{{ scorer }}.influence_without
                end
            ) as decimal(38, 15)
        ) as influence_{{ scorer }},
        {% endfor %}
        scored.customer_id
    from scored
    {% for scorer in scorers %}
    inner join weighed as by_{{ scorer }}
        on
            scored.shop = by_{{ scorer }}.shop
            and scored.model = by_{{ scorer }}.model
            and scored.periods_ago = by_{{ scorer }}.periods_ago
            and scored.score_{{ scorer }} = by_{{ scorer }}.score
            and by_{{ scorer }}.scorer = '{{ scorer }}'
    {% endfor %}
    group by scored.shop, scored.model, scored.customer_id

)

select * from summed
