with

bins as (

    select * from {{ ref('int_calibration_bins') }}

),

measured as (

    select
        shop,
        model,
        cutoff_on,
        cast(10 * bin as integer) as probability_from_pct,
        customers,
        {{ percentage('predicted_total', 'customers') }} as mean_predicted_pct,
        {{ percentage('positives', 'customers') }} as observed_pct
    from bins

)

select * from measured
