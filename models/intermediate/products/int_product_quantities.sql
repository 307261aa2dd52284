with

checked_lines as (

    select * from {{ ref('int_checked_lines') }}

),

-- quantities repeat, so that this is small whatever the number of lines; returns keep their
-- customer, so that finding them again takes no pass of its own
counted as (

    select
        shop,
        product_id,
        quantity,
        coalesce(case when quantity < 0 then customer_id end, '') as returned_by,
        count(*) as lines
    from checked_lines
    where line_status = 'accepted' and is_merchandise and product_id is not null
    group by
        shop, product_id, coalesce(case when quantity < 0 then customer_id end, ''), quantity

)

select * from counted
