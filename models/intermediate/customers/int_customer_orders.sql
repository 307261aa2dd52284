with

orders as (

    select * from {{ ref('int_orders') }}

),

summed as (

    select
        shop,
        customer_id,
        {{ latest('country', 'ordered_at', 'order_id') }} as country,
        min(case when purchase_lines > 0 then ordered_on end) as first_ordered_on,
        max(case when purchase_lines > 0 then ordered_on end) as last_ordered_on,
        max(ordered_on) as last_active_on,
        count(case when purchase_lines > 0 then 1 end) as frequency,
        cast(sum(gross_amount) as {{ money_type() }}) as gross_revenue,
        cast(sum(returned_amount) as {{ money_type() }}) as returned_revenue,
        cast(sum(accepted_amount) as {{ money_type() }}) as monetary,
        cast(sum(units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(units_returned) as {{ dbt.type_bigint() }}) as units_returned
    from orders
    where customer_id is not null and accepted_lines > 0
    group by shop, customer_id

)

select * from summed
