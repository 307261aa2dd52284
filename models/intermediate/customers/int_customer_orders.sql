with

orders as (

    select * from {{ ref('int_orders') }}

),

checked_customers as (

    select * from {{ ref('int_checked_customers') }}
    where row_status = 'accepted'

),

summed as (

    select
        shop,
        customer_id,
        {{ latest('country', 'ordered_at', 'order_id') }} as country,
        {{ latest('state', 'ordered_at', 'order_id') }} as state,
        count(case when purchase_lines > 0 then 1 end) as frequency,
        count(case when returned_amount > 0 then 1 end) as return_orders,
        count(case when accepted_lines > 0 then 1 end) as all_orders,
        cast(sum(accepted_amount) as {{ money_type() }}) as monetary,
        cast(sum(gross_amount) as {{ money_type() }}) as gross_revenue,
        cast(sum(returned_amount) as {{ money_type() }}) as returned_revenue,
        cast(sum(units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(units_returned) as {{ dbt.type_bigint() }}) as units_returned,
        cast(null as boolean) as is_premium,
        min(case when purchase_lines > 0 then ordered_on end) as first_ordered_on,
        max(case when purchase_lines > 0 then ordered_on end) as last_ordered_on,
        max(ordered_on) as last_active_on
    from orders
    where customer_id is not null
    group by shop, customer_id

),

combined as (

    select * from summed
    union all
    -- shops that enter by customers know neither returns nor units
    select
        shop,
        customer_id,
        country,
        state,
        frequency,
        0 as return_orders,
        frequency as all_orders,
        gross_revenue as monetary,
        gross_revenue,
        0 as returned_revenue,
        0 as units_purchased,
        0 as units_returned,
        is_premium,
        first_ordered_on,
        last_ordered_on,
        last_ordered_on as last_active_on
    from checked_customers

)

select * from combined
