with

raw_rows as (

    {{ raw_extract('olist_order_items') }}

),

read_values as (

    select
        {{ read_text('order_id') }} as order_id,
        {{ read_text('product_id') }} as product_id,
        {{ read_whole_number('order_item_number', 'olist_order_items') }} as order_item_number,
        {{ read_money('price', 'olist_order_items') }} as price,
        {{ read_money('freight_amount', 'olist_order_items') }} as freight_amount,
        file,
        line
    from raw_rows

)

select * from read_values
