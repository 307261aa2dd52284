with

predictions as (

    select * from {{ ref('int_backtest_predictions') }}
    where model <> 'lifetime_value'

),

binned as (

    select
        shop,
        model,
        periods_ago,
        cutoff_on,
        cast(least(floor(10 * predicted), 9) as integer) as bin,
        predicted,
        actual
    from predictions

),

counted as (

    select
        shop,
        model,
        periods_ago,
        cutoff_on,
        bin,
        count(*) as customers,
        sum(actual) as positives,
        sum(predicted) as predicted_total,
        sum(cast(power(cast(predicted as double) - actual, 2) as decimal(18, 12)))
            as squared_error
    from binned
    group by shop, model, periods_ago, cutoff_on, bin

)

select * from counted
