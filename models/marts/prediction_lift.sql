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

-- the steps of a curve within which a tenth of the customers ends
bordering as (

    select * from curves
    where
        floor(10.0e0 * (customers_up_to - customers) / all_customers)
        < floor(10.0e0 * customers_up_to / all_customers)

),

-- of customers with equal scores on the border, the share that fits in
reached as (

    select
        bordering.shop,
        bordering.model,
        bordering.periods_ago,
        bordering.scorer,
        percentages.top_pct,
        bordering.all_customers as customers,
        bordering.all_positives as positives,
        bordering.positives_up_to - bordering.positives
        + cast(bordering.positives as double) / bordering.customers
        * (
            0.01e0 * percentages.top_pct * bordering.all_customers
            - (bordering.customers_up_to - bordering.customers)
        ) as positives_reached
    from bordering
    inner join percentages
        on
            percentages.top_pct * bordering.all_customers
            > 100 * (bordering.customers_up_to - bordering.customers)
            and percentages.top_pct * bordering.all_customers <= 100 * bordering.customers_up_to

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
            '100.0e0 * reached.positives_reached'
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
