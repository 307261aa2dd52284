with

raw_lines as (

    {{ raw_extract('online_retail_order_lines') }}

),

read_values as (

    select
        {{ read_id('order_id') }} as order_id,
        {{ read_id('customer_id') }} as customer_id,
        {{ read_text('product_id') }} as product_id,
        {{ read_text('product_name') }} as product_name,
        {{ read_text('country') }} as country,
        {{ read_whole_number('quantity', 'online_retail_order_lines') }} as quantity,
        {{ read_money('unit_price', 'online_retail_order_lines') }} as unit_price,
        {{ read_timestamp('ordered_at', 'online_retail_order_lines') }} as ordered_at,
        file,
        line
    from raw_lines

)

select * from read_values
