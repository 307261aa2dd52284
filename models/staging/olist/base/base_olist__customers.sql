with

raw_rows as (

    {{ raw_extract('olist_customers') }}

),

read_values as (

    select
        {{ read_text('order_customer_id') }} as order_customer_id,
        {{ read_text('person_id') }} as person_id,
        {{ read_text('city') }} as city,
        {{ read_text('state') }} as state,
        file,
        line
    from raw_rows

)

select * from read_values
