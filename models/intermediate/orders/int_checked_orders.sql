with

orders as (

    {{ union_shops('orders') }}

),

judged as (

    select
        shop,
        nullif(order_id, '') as order_id,
        nullif(customer_id, '') as customer_id,
        country,
        state,
        order_status,
        case
            -- a value that no figure can do without is missing or cannot be read
            when nullif(order_id, '') is null or ordered_at is null then 'unreadable'
            -- the order lies after the day that this build stands on
            when {{ is_after_as_of_date('ordered_at') }} then 'after_as_of_date'
            -- what never reached the customer is no purchase; it is counted under its own status
            when not {{ is_accepted_order('shop', 'order_status') }}
                then coalesce(order_status, '(no status)')
            -- a purchase all the same, though nothing says what was paid
            when amount is null then 'unpaid'
            else 'accepted'
        end as row_status,
        units,
        coalesce(amount, 0) as amount,
        ordered_at
    from orders

)

select * from judged
