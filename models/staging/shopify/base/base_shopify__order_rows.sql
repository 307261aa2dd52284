with

raw_rows as (

    {{ raw_extract('shopify_orders') }}

),

read_values as (

    select
        {{ read_id('order_id') }} as order_id,
        lower({{ missing_customer_to_null(read_text('email')) }}) as email,
        lower({{ read_text('financial_status') }}) as financial_status,
        upper({{ read_text('currency') }}) as currency,
        coalesce({{ read_text('shipping_country') }}, {{ read_text('billing_country') }})
            as country,
        coalesce({{ read_text('shipping_province') }}, {{ read_text('billing_province') }})
            as state,
        {{ read_whole_number('quantity', 'shopify_orders') }} as quantity,
        {{ read_money('total', 'shopify_orders') }} as total,
        {{ read_money('refunded_amount', 'shopify_orders') }} as refunded_amount,
        {{ read_timestamp('created_at', 'shopify_orders') }} as created_at,
        {{ read_text('cancelled_at') }} is not null as is_cancelled,
        -- an order's first row says its total; rows of further items leave it empty
        {{ read_text('total') }} is not null as is_first_row,
        {{ read_text('quantity') }} is not null as has_quantity,
        {{ read_text('refunded_amount') }} is not null as has_refund,
        file,
        line
    from raw_rows

)

select * from read_values
