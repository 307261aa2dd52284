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

),

recognised as (

    select
        *,
        -- how the published extract books bad debt and its corrections: invoice A563185, code B
        coalesce({{ matches('order_id', 'A[0-9]+') }} and upper(product_id) = 'B', false)
            as is_adjustment
    from read_values

)

select * from recognised
