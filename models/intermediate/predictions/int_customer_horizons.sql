with

orders as (

    select * from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

dated as (

    select
        orders.*,
        {{ dbt.datediff('orders.ordered_on', 'as_of_dates.as_of_date', 'day') }}
            as age_days
    from orders
    inner join as_of_dates
        on orders.shop = as_of_dates.shop

),

numbered as (

    select
        *,
        -- 0 = the last horizon before the as-of date, 1 = the one before it, …
        cast(floor((age_days - 1) / {{ var('prediction_horizon_days') }}) as integer)
            as horizon_number
    from dated

),

summed as (

    select
        shop,
        customer_id,
        horizon_number,
        count(case when purchase_lines > 0 then 1 end) as orders,
        count(distinct case when purchase_lines > 0 then ordered_on end) as purchase_days,
        cast(sum(accepted_amount) as {{ money_type() }}) as revenue,
        cast(sum(units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(units_returned) as {{ dbt.type_bigint() }}) as units_returned,
        min(case when purchase_lines > 0 then ordered_on end) as first_ordered_on,
        max(case when purchase_lines > 0 then ordered_on end) as last_ordered_on
    from numbered
    group by shop, customer_id, horizon_number

)

select * from summed
