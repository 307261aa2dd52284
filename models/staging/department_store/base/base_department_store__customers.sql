with

raw_rows as (

    {{ raw_extract('department_store_customers') }}

),

read_values as (

    select
        {{ read_id('extract_customer_id') }} as extract_customer_id,
        trim(cast(gender as {{ dbt.type_string() }})) as gender,
        trim(cast(country as {{ dbt.type_string() }})) as country,
        trim(cast(subscription_status as {{ dbt.type_string() }})) as subscription_status,
        {{ read_whole_number('age') }} as age,
        {{ read_whole_number('number_of_orders') }} as number_of_orders,
        {{ read_as('total_spend', money_type()) }} as total_spend,
        {{ read_as('average_order_value', money_type()) }} as average_order_value,
        cast({{ read_timestamp(
            'first_ordered_on', extract_date_order('department_store_customers'),
        ) }} as date) as first_ordered_on,
        cast({{ read_timestamp(
            'last_ordered_on', extract_date_order('department_store_customers'),
        ) }} as date) as last_ordered_on
    from raw_rows

)

select * from read_values
