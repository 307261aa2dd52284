with

raw_rows as (

    {{ raw_extract('olist_orders') }}

),

read_values as (

    select
        {{ read_text('order_id') }} as order_id,
        {{ read_text('order_customer_id') }} as order_customer_id,
        {{ read_text('order_status') }} as order_status,
        {{ read_timestamp('ordered_at', 'olist_orders') }} as ordered_at,
        file,
        line
    from raw_rows

)

select * from read_values
