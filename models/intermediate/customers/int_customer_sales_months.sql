with

orders as (

    select * from {{ ref('int_orders') }}
    where accepted_lines > 0

),

-- reports by month and segment read these few rows, and not all orders in each segmentation
summed as (

    select
        shop,
        customer_id,
        {{ month_of('ordered_on') }} as month,
        count(case when purchase_lines > 0 then 1 end) as orders,
        cast(sum(gross_amount) as {{ money_type() }}) as gross_revenue,
        cast(sum(returned_amount) as {{ money_type() }}) as returned_revenue,
        cast(sum(accepted_amount) as {{ money_type() }}) as revenue,
        cast(sum(units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(units_returned) as {{ dbt.type_bigint() }}) as units_returned
    from orders
    group by shop, customer_id, {{ month_of('ordered_on') }}

)

select * from summed
