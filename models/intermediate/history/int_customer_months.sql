with

orders as (

    select * from {{ ref('int_orders') }}

),

summed as (

    select
        shop,
        customer_id,
        {{ month_of('ordered_on') }} as month,
        count(case when purchase_lines > 0 then 1 end) as orders,
        cast(sum(accepted_amount) as {{ money_type() }}) as revenue,
        cast(sum(units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(units_returned) as {{ dbt.type_bigint() }}) as units_returned,
        max(case when purchase_lines > 0 then ordered_on end) as last_ordered_on,
        max(ordered_on) as last_active_on
    from orders
    where customer_id is not null and accepted_lines > 0
    group by shop, customer_id, {{ month_of('ordered_on') }}

)

select * from summed
