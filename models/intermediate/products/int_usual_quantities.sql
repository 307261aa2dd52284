with

product_quantities as (

    select * from {{ ref('int_product_quantities') }}

),

products as (

    select
        shop,
        product_id,
        sum(case when quantity > 0 then lines else 0 end) as purchase_lines
    from product_quantities
    group by shop, product_id

),

shop_quantities as (

    select
        shop,
        quantity,
        sum(lines) as lines
    from product_quantities
    where quantity > 0
    group by shop, quantity

),

-- the median of weighted values: the first at which half of the lines are reached
cumulated_by_product as (

    select
        shop,
        product_id,
        quantity,
        2 * sum(lines) over (partition by shop, product_id order by quantity)
        >= sum(lines) over (partition by shop, product_id) as is_upper_half
    from product_quantities
    where quantity > 0

),

cumulated_by_shop as (

    select
        shop,
        quantity,
        2 * sum(lines) over (partition by shop order by quantity)
        >= sum(lines) over (partition by shop) as is_upper_half
    from shop_quantities

),

product_medians as (

    select
        shop,
        product_id,
        min(quantity) as median_quantity
    from cumulated_by_product
    where is_upper_half
    group by shop, product_id

),

shop_medians as (

    select
        shop,
        min(quantity) as median_quantity
    from cumulated_by_shop
    where is_upper_half
    group by shop

),

chosen as (

    select
        products.shop,
        products.product_id,
        -- a product that sells rarely has no usual of its own: one typing error would be its median
        case
            when products.purchase_lines >= {{ var('flag_quantity_minimum_lines') }} then 'product'
            else 'shop'
        end as usual_of,
        case
            when products.purchase_lines >= {{ var('flag_quantity_minimum_lines') }}
                then product_medians.median_quantity
            else shop_medians.median_quantity
        end as usual_quantity
    from products
    left join product_medians
        on
            products.shop = product_medians.shop
            and products.product_id = product_medians.product_id
    left join shop_medians
        on products.shop = shop_medians.shop

)

select * from chosen
