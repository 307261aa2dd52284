{{ config(post_hook="{{ stop_at_unusable_shops('orders') }}") }}
{% set values = [
    'ordered_at', 'customer_id', 'amount', 'returned_amount', 'units', 'units_returned',
    'order_status', 'country', 'state',
] %}
with

order_rows as (

    select * from {{ ref('int_order_rows') }}

),

repeated_ids as (

    select
        shop,
        order_id,
        min({{ row_fingerprint(values) }}) <> max({{ row_fingerprint(values) }}) as is_conflicting
    from order_rows
    where own_status not in ('unreadable', 'after_as_of_date')
    group by shop, order_id
    having count(*) > 1

),

-- only inside these few ids: a purchase counts before another status, and then, as where the lines
-- of an order disagree, the earliest time and the last of the customers
rows_of_repeated_ids as (

    select
        order_rows.*,
        repeated_ids.is_conflicting,
        row_number() over (
            partition by order_rows.shop, order_rows.order_id
            order by
                case order_rows.own_status
                    when 'accepted' then 1
                    when 'unpaid' then 2
                    else 3
                end asc,
                order_rows.ordered_at asc,
                order_rows.customer_id desc nulls last,
                order_rows.amount desc nulls last,
                order_rows.returned_amount asc,
                order_rows.units asc,
                order_rows.units_returned asc,
                order_rows.order_status asc,
                order_rows.country asc,
                order_rows.state asc
        ) as copy_number
    from order_rows
    inner join repeated_ids
        on
            order_rows.shop = repeated_ids.shop
            and order_rows.order_id = repeated_ids.order_id
    where order_rows.own_status not in ('unreadable', 'after_as_of_date')

),

other_rows as (

    select
        order_rows.*,
        false as is_conflicting,
        1 as copy_number
    from order_rows
    left join repeated_ids
        on
            order_rows.shop = repeated_ids.shop
            and order_rows.order_id = repeated_ids.order_id
            and order_rows.own_status not in ('unreadable', 'after_as_of_date')
    where repeated_ids.order_id is null

),

combined as (

    select * from rows_of_repeated_ids
    union all
    select * from other_rows

),

described as (

    select
        shop,
        order_id,
        customer_id,
        country,
        state,
        order_status,
        is_conflicting,
        ordered_at,
        case when copy_number = 1 then own_status else 'repeated' end as row_status,
        coalesce(units, 0) as units,
        coalesce(units_returned, 0) as units_returned,
        coalesce(amount, 0) as amount,
        coalesce(returned_amount, 0) as returned_amount
    from combined

)

select * from described
