with

raw_rows as (

    {{ raw_extract('olist_customers') }}

),

read_values as (

    select
        trim(cast(order_customer_id as {{ dbt.type_string() }})) as order_customer_id,
        trim(cast(person_id as {{ dbt.type_string() }})) as person_id,
        trim(cast(city as {{ dbt.type_string() }})) as city,
        trim(cast(state as {{ dbt.type_string() }})) as state
    from raw_rows

)

select * from read_values
