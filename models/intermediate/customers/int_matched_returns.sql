with

merchandise_lines as (

    select
        shop,
        customer_id,
        product_id,
        ordered_at,
        quantity
    from {{ ref('int_order_lines') }}
    where
        line_status = 'accepted'
        and is_merchandise
        and customer_id is not null
        and product_id is not null

),

-- the few pairs of customer and product that a return exists for
returned_products as (

    select distinct
        shop,
        customer_id,
        product_id
    from merchandise_lines
    where quantity < 0

),

-- a purchase in the same minute as a return counts as made before it
accumulated as (

    select
        merchandise_lines.shop,
        merchandise_lines.customer_id,
        merchandise_lines.product_id,
        merchandise_lines.quantity,
        sum(merchandise_lines.quantity) over (
            partition by
                merchandise_lines.shop, merchandise_lines.customer_id, merchandise_lines.product_id
            order by
                merchandise_lines.ordered_at,
                case when merchandise_lines.quantity > 0 then 0 else 1 end
            range between unbounded preceding and current row
        ) as units_held
    from merchandise_lines
    inner join returned_products
        on
            merchandise_lines.shop = returned_products.shop
            and merchandise_lines.customer_id = returned_products.customer_id
            and merchandise_lines.product_id = returned_products.product_id

),

-- holdings can only fall below zero by returns of what was not bought in the data: the deepest
-- point is their total
matched_by_product as (

    select
        shop,
        customer_id,
        product_id,
        sum(case when quantity < 0 then -quantity else 0 end)
        + least(min(units_held), 0) as matched_units
    from accumulated
    group by shop, customer_id, product_id

),

matched as (

    select
        shop,
        customer_id,
        cast(sum(matched_units) as {{ dbt.type_bigint() }}) as matched_units_returned
    from matched_by_product
    group by shop, customer_id

)

select * from matched
