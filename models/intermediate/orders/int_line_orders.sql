{{ config(post_hook="{{ stop_at_unusable_shops('order_lines') }}") }}
with

checked_lines as (

    select * from {{ ref('int_checked_lines') }}

),

-- the one pass over the lines: every later model reads orders or customers
summed as (

    select
        shop,
        coalesce(order_id, '(unreadable)') as order_id,
        max(customer_id) as customer_id,
        max(country) as country,
        min(ordered_at) as ordered_at,
        -- each distinct line an even number of times: the whole order arrived twice
        {{ bit_xor('fingerprint') }} = 0 and max(order_id) is not null as is_repeated,
        -- an order has one customer and one day
        coalesce(
            min(case when line_status = 'accepted' then customer_id end)
            <> max(case when line_status = 'accepted' then customer_id end),
            false
        )
        or coalesce(
            cast(min(case when line_status = 'accepted' then ordered_at end) as date)
            <> cast(max(case when line_status = 'accepted' then ordered_at end) as date),
            false
        ) as is_conflicting,
        count(*) as line_count,
        count(case when line_status = 'accepted' then 1 end) as accepted_lines,
        count(case when line_status = 'accepted' and amount > 0 then 1 end) as purchase_lines,
        count(case when line_status = 'unreadable' then 1 end) as unreadable_lines,
        count(case when line_status = 'adjustment' then 1 end) as adjustment_lines,
        count(case when line_status = 'zero_price' then 1 end) as zero_price_lines,
        count(case when line_status = 'after_as_of_date' then 1 end) as after_as_of_date_lines,
        coalesce(sum(case when line_status = 'accepted' and amount > 0 then amount end), 0)
            as gross_amount,
        coalesce(sum(case when line_status = 'accepted' and amount < 0 then -amount end), 0)
            as returned_amount,
        coalesce(sum(case when line_status = 'unreadable' then amount end), 0) as unreadable_amount,
        coalesce(sum(case when line_status = 'adjustment' then amount end), 0) as adjustment_amount,
        coalesce(sum(case when line_status = 'after_as_of_date' then amount end), 0)
            as after_as_of_date_amount,
        coalesce(sum(
            case
                when line_status = 'accepted' and is_merchandise and quantity > 0 then quantity
            end
        ), 0) as units_purchased,
        coalesce(sum(
            case
                when line_status = 'accepted' and is_merchandise and quantity < 0 then -quantity
            end
        ), 0) as units_returned
    from checked_lines
    group by shop, coalesce(order_id, '(unreadable)')

),

counted_once as (

    select
        shop,
        order_id,
        customer_id,
        country,
        cast(ordered_at as date) as ordered_on,
        ordered_at,
        is_repeated,
        is_conflicting,
        line_count,
        {{ count_once('accepted_lines') }} as accepted_lines,
        accepted_lines - {{ count_once('accepted_lines') }} as repeated_lines,
        unreadable_lines,
        adjustment_lines,
        zero_price_lines,
        after_as_of_date_lines,
        {{ count_once('purchase_lines') }} as purchase_lines,
        {{ count_once('units_purchased') }} as units_purchased,
        {{ count_once('units_returned') }} as units_returned,
        {{ money_once('gross_amount') }} as gross_amount,
        {{ money_once('returned_amount') }} as returned_amount,
        {{ money_once('gross_amount - returned_amount') }} as accepted_amount,
        {{ read_as('gross_amount - returned_amount', money_type()) }}
        - {{ money_once('gross_amount - returned_amount') }} as repeated_amount,
        cast(0 as {{ money_type() }}) as zero_price_amount,
        {{ read_as('unreadable_amount', money_type()) }} as unreadable_amount,
        {{ read_as('adjustment_amount', money_type()) }} as adjustment_amount,
        {{ read_as('after_as_of_date_amount', money_type()) }} as after_as_of_date_amount
    from summed

)

select * from counted_once
