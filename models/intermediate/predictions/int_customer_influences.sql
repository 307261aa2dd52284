with

curves as (

    select * from {{ ref('int_backtest_curves') }}
    where all_positives > 0 and all_positives < all_customers

),

predictions as (

    select * from {{ ref('int_backtest_predictions') }}

),

-- the share of customers of the other label that stand on the right side of a score, equal ones
-- counting half; the mean is the AUC. A share has one digit before the point: Spark cuts the places
-- of a product off where its digits might be more than 38
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
        ) as placement_without
    from curves

),

means as (

    select
        shop,
        model,
        periods_ago,
        scorer,
        all_positives as with_label,
        all_customers - all_positives as without_label,
        cast(sum(positives * placement_with) as double) / all_positives as mean_with,
        cast(sum((customers - positives) * placement_without) as double)
        / (all_customers - all_positives) as mean_without
    from placed
    group by shop, model, periods_ago, scorer, all_customers, all_positives

),

-- DeLong, DeLong and Clarke-Pearson (1988), equations 4 to 6
weighed as (

    select
        placed.shop,
        placed.model,
        placed.periods_ago,
        placed.scorer,
        placed.score,
        cast(placed.placement_with / means.with_label as decimal(38, 15)) as auc_part,
        cast(
            (placed.placement_with - means.mean_with)
            / sqrt(cast(means.with_label as double) * greatest(means.with_label - 1, 1))
            as decimal(38, 15)
        ) as influence_with,
        cast(
            (placed.placement_without - means.mean_without)
            / sqrt(cast(means.without_label as double) * greatest(means.without_label - 1, 1))
            as decimal(38, 15)
        ) as influence_without
    from placed
    inner join means
        on
            placed.shop = means.shop
            and placed.model = means.model
            and placed.periods_ago = means.periods_ago
            and placed.scorer = means.scorer

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

-- what a customer does after one cutoff says something about what he does after the next
summed as (

    select
        scored.shop,
        scored.model,
        scored.scorer,
        scored.customer_id,
        cast(
            sum(case when scored.is_positive then weighed.auc_part end) as decimal(38, 15)
        ) as auc_part,
        cast(
            sum(
                case
                    when scored.is_positive then weighed.influence_with
                    else weighed.influence_without
                end
            ) as decimal(38, 15)
        ) as influence
    from scored
    inner join weighed
        on
            scored.shop = weighed.shop
            and scored.model = weighed.model
            and scored.periods_ago = weighed.periods_ago
            and scored.scorer = weighed.scorer
            and scored.score = weighed.score
    group by scored.shop, scored.model, scored.scorer, scored.customer_id

)

select * from summed
