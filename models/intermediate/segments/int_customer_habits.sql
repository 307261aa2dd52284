with

customers as (

    select
        *,
        {{ dbt.datediff('first_ordered_on', 'as_of_date', 'day') }} as tenure_days,
        -- two orders on one day are a day apart: nobody's usual gap is nothing
        case
            when frequency > 1
                then greatest(
                    {{ dbt.datediff('first_ordered_on', 'last_ordered_on', 'day') }}, frequency - 1
                ) / (frequency - 1.0e0)
        end as mean_gap_days
    from {{ ref('int_customer_rfm') }}

),

judged as (

    select
        shop,
        customer_id,
        recency_days,
        frequency,
        monetary,
        gross_revenue,
        return_rate_pct,
        tenure_days,
        -- where gaps are a matter of chance, one in eight is longer than twice their mean
        recency_days > 2 * mean_gap_days as is_overdue,
        returned_revenue > 0 or units_returned > 0 as has_returned,
        is_in_fit
    from customers

)

select * from judged
