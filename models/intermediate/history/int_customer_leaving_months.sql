{% set window_days = var('rfm_window_days') or 0 -%}

with

orders as (

    select
        *,
        {{ month_of(add_days(window_days, 'ordered_on')) }} as month
    from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0 and {{ window_days }} > 0

),

summed as (

    select
        shop,
        customer_id,
        month,
        -count(case when purchase_lines > 0 then 1 end) as orders,
        -cast(sum(accepted_amount) as {{ money_type() }}) as revenue,
        -cast(sum(units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        -cast(sum(units_returned) as {{ dbt.type_bigint() }}) as units_returned,
        cast(null as date) as last_ordered_on,
        cast(null as date) as last_active_on
    from orders
    group by shop, customer_id, month

)

select * from summed
