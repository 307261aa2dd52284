with

-- what hardly costs anything is nobody's time worth
large_returns as (

    select
        shop,
        order_id
    from {{ ref('int_orders') }}
    where accepted_lines > 0 and returned_amount >= {{ var('flag_return_minimum_amount') }}

),

returned_products as (

    select * from {{ ref('int_traced_lines') }}
    where is_returned_product

),

shop_starts as (

    select
        shop,
        min(ordered_on) as first_ordered_on
    from {{ ref('int_orders') }}
    where accepted_lines > 0
    group by shop

),

first_purchases as (

    select
        shop,
        customer_id,
        product_id,
        min(ordered_at) as first_purchased_at
    from returned_products
    where quantity > 0
    group by shop, customer_id, product_id

),

-- in the shop's first days what came back was bought before the data
unmatched as (

    select
        returned_products.shop,
        returned_products.order_id,
        count(distinct returned_products.product_id) as products,
        min(returned_products.product_id) as product_id,
        sum(-returned_products.quantity * returned_products.lines) as units
    from returned_products
    inner join large_returns
        on
            returned_products.shop = large_returns.shop
            and returned_products.order_id = large_returns.order_id
    inner join shop_starts
        on returned_products.shop = shop_starts.shop
    left join first_purchases
        on
            returned_products.shop = first_purchases.shop
            and returned_products.customer_id = first_purchases.customer_id
            and returned_products.product_id = first_purchases.product_id
    where
        returned_products.quantity < 0
        and {{ dbt.datediff(
            'shop_starts.first_ordered_on', 'returned_products.ordered_at', 'day',
        ) }} >= {{ var('flag_return_history_days') }}
        and (
            first_purchases.first_purchased_at is null
            or first_purchases.first_purchased_at > returned_products.ordered_at
        )
    group by returned_products.shop, returned_products.order_id

),

worded as (

    select
        shop,
        order_id,
        concat(
            {{ count_words('units', 'unit') }}, ' of ',
            case
                when products = 1 then product_id
                else concat({{ number_words('products') }}, ' products')
            end,
            ' returned without an earlier purchase'
        ) as reason
    from unmatched

)

select * from worded
