with

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

dated as (

    select
        *,
        {{ dbt.datediff('first_ordered_on', 'as_of_date', 'day') }}
            as tenure_days,
        {{ dbt.datediff('first_ordered_on', 'last_ordered_on', 'day') }}
            as active_days
    from customers

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
        is_in_fit,
        -- where gaps are a matter of chance, one in eight is longer than twice their mean; orders
        -- of one day count as a day apart, because nobody's usual gap is nothing
        case
            when frequency > 1
                then recency_days * (frequency - 1) > 2 * greatest(active_days, frequency - 1)
        end as is_overdue,
        returned_revenue > 0 or units_returned > 0 as has_returned
    from dated

)

select * from judged
