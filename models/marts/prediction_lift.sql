with

curves as (

    select * from {{ ref('int_backtest_curves') }}
    where all_positives > 0

),

cutoffs as (

    select distinct
        shop,
        model,
        periods_ago,
        cutoff_on
    from {{ ref('int_backtest_predictions') }}

),

percentages as (

    select 10 as top_pct
    {% for top_pct in range(20, 101, 10) %}
    union all
    select {{ top_pct }} as top_pct
    {% endfor %}

),

-- of customers with equal scores on the border, the share that fits in
reached as (

    select
        curves.shop,
        curves.model,
        curves.periods_ago,
        curves.scorer,
        percentages.top_pct,
        max(curves.all_customers) as customers,
        max(curves.all_positives) as positives,
        sum(
            cast(
                cast(curves.positives as double) / curves.customers
                * greatest(
                    least(
                        curves.customers,
                        0.01e0 * percentages.top_pct * curves.all_customers
                        - (curves.customers_up_to - curves.customers)
                    ), 0
                ) as decimal(38, 15)
            )
        ) as positives_reached
    from curves
    cross join percentages
    group by
        curves.shop, curves.model, curves.periods_ago, curves.scorer, percentages.top_pct

),

shared as (

    select
        reached.shop,
        reached.model,
        reached.scorer,
        cutoffs.cutoff_on,
        reached.top_pct,
        cast(reached.customers as {{ dbt.type_bigint() }}) as customers,
        cast(reached.positives as {{ dbt.type_bigint() }}) as positives,
        {{ share_pct('reached.positives_reached', 'reached.positives') }} as positives_reached_pct,
        {{ rounded(
            '100.0e0 * cast(reached.positives_reached as double)'
            ' / (reached.positives * reached.top_pct)', 6
        ) }} as lift
    from reached
    inner join cutoffs
        on
            reached.shop = cutoffs.shop
            and reached.model = cutoffs.model
            and reached.periods_ago = cutoffs.periods_ago

)

select * from shared
