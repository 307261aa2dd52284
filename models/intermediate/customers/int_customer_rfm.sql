with

customer_orders as (

    select * from {{ ref('int_customer_orders') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

matched_returns as (

    select *
    from {{ of_these_orders('int_matched_returns', {
        'matched_units_returned': dbt.type_bigint(),
    }) }}

),

return_rate_priors as (

    select *
    from {{ of_these_orders('int_return_rate_priors', {
        'mean_rate': 'double',
        'prior_units': 'double',
    }) }}

),

joined as (

    select
        customer_orders.*,
        as_of_dates.as_of_date,
        return_rate_priors.mean_rate,
        return_rate_priors.prior_units,
        case
            when {{ is_of_these_orders('int_matched_returns') }}
                then coalesce(matched_returns.matched_units_returned, 0)
        end as matched_units_returned
    from customer_orders
    inner join as_of_dates
        on customer_orders.shop = as_of_dates.shop
    left join matched_returns
        on
            customer_orders.shop = matched_returns.shop
            and customer_orders.customer_id = matched_returns.customer_id
    left join return_rate_priors
        on customer_orders.shop = return_rate_priors.shop

),

measured as (

    select
        shop,
        customer_id,
        country,
        state,
        -- a customer without a purchase is as recent as the last thing heard of them
        {{ dbt.datediff('coalesce(last_ordered_on, last_active_on)', 'as_of_date', 'day') }}
            as recency_days,
        frequency,
        return_orders,
        all_orders,
        monetary,
        gross_revenue,
        returned_revenue,
        units_purchased,
        units_returned,
        matched_units_returned,
        {{ percentage('units_returned', 'greatest(units_purchased, 1)') }} as return_rate_pct,
        {{ percentage('matched_units_returned', 'greatest(all_units_purchased, 1)') }}
            as matched_return_rate_pct,
        {{ percentage(
            'matched_units_returned + mean_rate * prior_units',
            'all_units_purchased + prior_units',
        ) }} as shrunk_return_rate_pct,
        is_premium,
        -- the fit is for these only; the others would take a cluster for themselves
        frequency > 0 and monetary > 0 as is_in_fit,
        usual_gap_days,
        first_ordered_on,
        last_ordered_on,
        as_of_date
    from joined

)

select * from measured
