with

checked_lines as (

    select * from {{ ref('int_checked_lines') }}
    where line_status = 'accepted' and is_merchandise

),

usual_quantities as (

    select * from {{ ref('int_usual_quantities') }}

),

returned_products as (

    select distinct
        shop,
        returned_by as customer_id,
        product_id
    from {{ ref('int_product_quantities') }}
    where returned_by <> ''

),

repeated_orders as (

    select
        shop,
        order_id
    from {{ ref('int_line_orders') }}
    where is_repeated

),

-- one pass keeps the few lines that returns are traced through, and the few that are far too large
compared as (

    select
        checked_lines.shop,
        checked_lines.order_id,
        checked_lines.customer_id,
        checked_lines.product_id,
        checked_lines.ordered_at,
        checked_lines.quantity,
        returned_products.product_id is not null as is_returned_product,
        coalesce(
            abs(checked_lines.quantity)
            >= {{ var('flag_quantity_times') }} * usual_quantities.usual_quantity,
            false
        ) as is_large
    from checked_lines
    left join returned_products
        on
            checked_lines.shop = returned_products.shop
            and checked_lines.customer_id = returned_products.customer_id
            and checked_lines.product_id = returned_products.product_id
    left join usual_quantities
        on
            checked_lines.shop = usual_quantities.shop
            and checked_lines.product_id = usual_quantities.product_id

),

counted as (

    select
        shop,
        order_id,
        max(customer_id) as customer_id,
        product_id,
        quantity,
        count(*) as lines,
        {{ dbt.bool_or('is_returned_product') }} as is_returned_product,
        {{ dbt.bool_or('is_large') }} as is_large,
        ordered_at
    from compared
    where is_returned_product or is_large
    group by shop, order_id, product_id, quantity, ordered_at

),

joined as (

    select
        counted.*,
        repeated_orders.order_id is not null as is_repeated
    from counted
    left join repeated_orders
        on
            counted.shop = repeated_orders.shop
            and counted.order_id = repeated_orders.order_id

),

counted_once as (

    select
        shop,
        order_id,
        customer_id,
        product_id,
        quantity,
        {{ count_once('lines') }} as lines,
        is_returned_product,
        is_large,
        ordered_at
    from joined

)

select * from counted_once
