with

raw_rows as (

    {{ raw_extract('olist_order_payments') }}

),

read_values as (

    select
        {{ read_text('order_id') }} as order_id,
        {{ read_text('payment_type') }} as payment_type,
        {{ read_whole_number('payment_number', 'olist_order_payments') }} as payment_number,
        {{ read_money('payment_amount', 'olist_order_payments') }} as payment_amount,
        file,
        line
    from raw_rows

)

select * from read_values
