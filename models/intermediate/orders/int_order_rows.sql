with

orders as (

    {{ union_shops('orders') }}

),

-- what no order can hold is no value: another column's number, a year that has not come yet
believed as (

    select
        shop,
        {{ missing_to_null('order_id') }} as order_id,
        {{ missing_customer_to_null('customer_id') }} as customer_id,
        country,
        state,
        order_status,
        coalesce(is_unreadable, false)
        or not coalesce({{ is_believable_amount('amount') }}, true)
        or not coalesce({{ is_believable_amount('returned_amount') }}, true)
        or not coalesce({{ is_believable_count('units') }}, true)
        or not coalesce({{ is_believable_count('units_returned') }}, true)
        or coalesce(returned_amount < 0, false)
        or coalesce(units_returned < 0, false)
        -- units can be negative where the whole order is a return
        or coalesce(units < 0 and coalesce(amount, 0) >= 0, false)
            as is_unreadable,
        case when {{ is_believable_count('units') }} then units end as units,
        case when {{ is_believable_count('units_returned') }} then units_returned end
            as units_returned,
        case when {{ is_believable_amount('amount') }} then amount end as amount,
        case when {{ is_believable_amount('returned_amount') }} then returned_amount end
            as returned_amount,
        case when {{ is_believable_time('ordered_at') }} then ordered_at end as ordered_at
    from orders

),

judged as (

    select
        *,
        case
            -- a value that no figure can do without is missing or cannot be read
            when order_id is null or ordered_at is null or is_unreadable then 'unreadable'
            -- the order lies after the day that this build stands on
            when {{ is_after_as_of_date('ordered_at') }} then 'after_as_of_date'
            -- what never reached the customer is no purchase; it is counted under its own status
            when not coalesce({{ is_accepted_order('shop', 'order_status') }}, false)
                then coalesce(order_status, '(no status)')
            -- a purchase all the same, though nothing says what was paid
            when amount is null then 'unpaid'
            else 'accepted'
        end as own_status
    from believed

)

select * from judged
