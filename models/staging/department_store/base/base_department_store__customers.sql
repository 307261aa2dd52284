with

raw_rows as (

    {{ raw_extract('department_store_customers') }}

),

read_values as (

    select
        {{ read_id('extract_customer_id') }} as extract_customer_id,
        {{ read_text('gender') }} as gender,
        {{ read_text('country') }} as country,
        {{ read_text('subscription_status') }} as subscription_status,
        {{ read_whole_number('age', 'department_store_customers') }} as age,
        {{ read_whole_number('number_of_orders', 'department_store_customers') }}
            as number_of_orders,
        {{ read_money('total_spend', 'department_store_customers') }} as total_spend,
        {{ read_money('average_order_value', 'department_store_customers') }}
            as average_order_value,
        cast({{ read_timestamp('first_ordered_on', 'department_store_customers') }} as date)
            as first_ordered_on,
        cast({{ read_timestamp('last_ordered_on', 'department_store_customers') }} as date)
            as last_ordered_on,
        file,
        line
    from raw_rows

)

select * from read_values
