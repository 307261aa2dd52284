with

returned_products as (

    select
        shop,
        customer_id,
        product_id,
        ordered_at,
        quantity * lines as units
    from {{ ref('int_traced_lines') }}
    where is_returned_product

),

-- a purchase in the same minute as a return counts as made before it
accumulated as (

    select
        shop,
        customer_id,
        product_id,
        units,
        sum(units) over (
            partition by shop, customer_id, product_id
            order by ordered_at, case when units > 0 then 0 else 1 end
            range between unbounded preceding and current row
        ) as units_held
    from returned_products

),

-- holdings can only fall below zero by returns of what was not bought in the data: the deepest
-- point is their total
matched_by_product as (

    select
        shop,
        customer_id,
        product_id,
        sum(case when units < 0 then -units else 0 end)
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
