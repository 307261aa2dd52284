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
    select
        shop,
        order_id,
        customer_id,
        country,
        state,
        false as is_repeated,
        1 as accepted_lines,
        1 as purchase_lines,
        units as units_purchased,
        0 as units_returned,
        amount as gross_amount,
        cast(0 as {{ money_type() }}) as returned_amount,
        amount as accepted_amount,
        cast(ordered_at as date) as ordered_on,
        ordered_at
    from checked_orders

)

select * from combined
