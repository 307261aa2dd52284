with

raw_rows as (

    {{ raw_extract('olist_orders') }}

),

read_values as (

    select
        trim(cast(order_id as {{ dbt.type_string() }})) as order_id,
        trim(cast(order_customer_id as {{ dbt.type_string() }})) as order_customer_id,
        trim(cast(order_status as {{ dbt.type_string() }})) as order_status,
        {{ read_timestamp('ordered_at', extract_date_order('olist_orders')) }} as ordered_at
    from raw_rows

)

select * from read_values
