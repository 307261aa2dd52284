with

checked_lines as (

    select * from {{ ref('int_checked_lines') }}

),

repeated_orders as (

    select
        shop,
        order_id
    from {{ ref('int_line_orders') }}
    where is_repeated and {{ var('count_repeated_orders_once') }}

),

lines_of_other_orders as (

    select
        checked_lines.*,
        1 as copy_number,
        1 as copies
    from checked_lines
    left join repeated_orders
        on
            checked_lines.shop = repeated_orders.shop
            and checked_lines.order_id = repeated_orders.order_id
    where repeated_orders.order_id is null

),

-- only inside these few orders: equal lines are numbered, so which of them is the surplus does not
-- matter
lines_of_repeated_orders as (

    select
        checked_lines.*,
        row_number() over (
            partition by checked_lines.shop, checked_lines.order_id, checked_lines.fingerprint
            order by checked_lines.ordered_at
        ) as copy_number,
        count(*) over (
            partition by checked_lines.shop, checked_lines.order_id, checked_lines.fingerprint
        ) as copies
    from checked_lines
    inner join repeated_orders
        on
            checked_lines.shop = repeated_orders.shop
            and checked_lines.order_id = repeated_orders.order_id

),

combined as (

    select * from lines_of_other_orders
    union all
    select * from lines_of_repeated_orders

),

judged as (

    select
        *,
        case
            -- the second half of the copies of a line whose whole order arrived twice
            when line_status = 'accepted' and copies > 1 and copy_number * 2 > copies
                then 'repeated'
            else line_status
        end as final_status
    from combined

),

described as (

    select
        shop,
        order_id,
        customer_id,
        product_id,
        product_name,
        country,
        final_status as line_status,
        quantity,
        unit_price,
        amount,
        is_merchandise,
        ordered_at,
        final_status = 'accepted' and amount < 0 as is_return
    from judged

)

select * from described
