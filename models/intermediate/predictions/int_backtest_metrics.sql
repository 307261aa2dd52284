with

curves as (

    select * from {{ ref('int_backtest_curves') }}

),

stepped as (

    select
        shop,
        model,
        periods_ago,
        scorer,
        all_customers,
        all_positives,
        cast(
            cast(positives as double) / nullif(all_positives, 0)
            * positives_up_to / customers_up_to as decimal(38, 15)
        ) as precision_step,
        -- the decile with the highest scores; of equals on its border the share that fits in
        cast(
            cast(positives as double) / customers
            * greatest(
                least(customers, 0.1 * all_customers - (customers_up_to - customers)), 0
            ) as decimal(38, 15)
        ) as positives_in_first_decile,
        -- pairs of a positive and a negative that stand in the right order; ties count half
        positives * (
            (all_customers - all_positives) - (customers_up_to - positives_up_to)
            + cast(customers - positives as double) / 2
        ) as ordered_pairs
    from curves

),

summed as (

    select
        shop,
        model,
        periods_ago,
        scorer,
        cast(max(all_customers) as {{ dbt.type_bigint() }}) as customers,
        cast(max(all_positives) as {{ dbt.type_bigint() }}) as positives,
        cast(
            sum(cast(ordered_pairs as decimal(38, 1)))
            / nullif(
                cast(max(all_positives) as double) * (max(all_customers) - max(all_positives)), 0
            ) as decimal(18, 6)
        ) as auc,
        cast(sum(precision_step) as decimal(18, 6)) as average_precision,
        cast(
            cast(sum(positives_in_first_decile) as double)
            / nullif(0.1 * max(all_positives), 0) as decimal(18, 6)
        ) as lift_at_10_pct
    from stepped
    group by shop, model, periods_ago, scorer

)

select * from summed
