with

line_orders as (

    select * from {{ ref('int_line_orders') }}

),

checked_orders as (

    select * from {{ ref('int_checked_orders') }}
    where row_status in ('accepted', 'unpaid')

),

combined as (

    select
        shop,
        order_id,
        customer_id,
        country,
        cast(null as {{ dbt.type_string() }}) as state,
        is_repeated,
        accepted_lines,
        purchase_lines,
        units_purchased,
        units_returned,
        gross_amount,
        returned_amount,
        accepted_amount,
        ordered_on,
        ordered_at
    from line_orders
    where accepted_lines > 0
    union all
    -- an order below 0 is a return that has a row of its own
    select
        shop,
        order_id,
        customer_id,
        country,
        state,
        false as is_repeated,
        1 as accepted_lines,
        case when amount < 0 then 0 else 1 end as purchase_lines,
        case when amount < 0 then 0 else units end as units_purchased,
        units_returned + case when amount < 0 then abs(units) else 0 end as units_returned,
        greatest(amount, 0) as gross_amount,
        cast(returned_amount + greatest(-amount, 0) as {{ money_type() }}) as returned_amount,
        cast(amount - returned_amount as {{ money_type() }}) as accepted_amount,
        cast(ordered_at as date) as ordered_on,
        ordered_at
    from checked_orders

)

select * from combined
