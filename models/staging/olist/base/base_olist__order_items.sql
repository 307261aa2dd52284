with

raw_rows as (

    {{ raw_extract('olist_order_items') }}

),

read_values as (

    select
        trim(cast(order_id as {{ dbt.type_string() }})) as order_id,
        trim(cast(product_id as {{ dbt.type_string() }})) as product_id,
        {{ read_whole_number('order_item_number') }} as order_item_number,
        {{ read_as('price', money_type()) }} as price,
        {{ read_as('freight_amount', money_type()) }} as freight_amount
    from raw_rows

)

select * from read_values
