with

raw_rows as (

    {{ raw_extract('olist_order_payments') }}

),

read_values as (

    select
        trim(cast(order_id as {{ dbt.type_string() }})) as order_id,
        trim(cast(payment_type as {{ dbt.type_string() }})) as payment_type,
        {{ read_whole_number('payment_number') }} as payment_number,
        {{ read_as('payment_amount', money_type()) }} as payment_amount
    from raw_rows

)

select * from read_values
