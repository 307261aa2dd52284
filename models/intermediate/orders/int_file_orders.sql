{{ config(
    materialized=materialized_by_file(),
    incremental_strategy='by_file',
    unique_key=['shop', 'raw_file', 'order_id'],
    on_schema_change='sync_all_columns',
    pre_hook='{{ read_first_batch() }}',
    post_hook=['{{ read_other_batches() }}', '{{ mark_split_orders() }}', '{{ keep_files() }}'],
) }}
with

checked_lines as (

    select * from {{ ref('int_checked_lines') }}
    where
        {{ is_line_to_read() }}
        and {{ is_line_of_batch() }}

),

-- the one pass over the lines: every later model reads orders or customers
summed as (

    select
        shop,
        coalesce(raw_file, '') as raw_file,
        coalesce(order_id, '(unreadable)') as order_id,
        max(customer_id) as customer_id,
        max(country) as country,
        min(ordered_at) as ordered_at,
        max(read_at) as latest_read_at,
        case when max(order_id) is not null then {{ bit_xor('fingerprint') }} end as fingerprint,
        max(case when line_status = 'accepted' then customer_id end) as accepted_customer_id,
        cast(max(case when line_status = 'accepted' then ordered_at end) as date) as accepted_on,
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
    group by shop, coalesce(raw_file, ''), coalesce(order_id, '(unreadable)')

),

described as (

    select
        shop,
        raw_file,
        order_id,
        {{ is_split_until_marked() }} as is_split,
        customer_id,
        country,
        ordered_at,
        latest_read_at,
        fingerprint,
        accepted_customer_id,
        accepted_on,
        is_conflicting,
        line_count,
        accepted_lines,
        purchase_lines,
        unreadable_lines,
        adjustment_lines,
        zero_price_lines,
        after_as_of_date_lines,
        cast(units_purchased as {{ dbt.type_bigint() }}) as units_purchased,
        cast(units_returned as {{ dbt.type_bigint() }}) as units_returned,
        {{ read_as('gross_amount', money_type()) }} as gross_amount,
        {{ read_as('returned_amount', money_type()) }} as returned_amount,
        {{ read_as('gross_amount - returned_amount', money_type()) }} as accepted_amount,
        {{ read_as('unreadable_amount', money_type()) }} as unreadable_amount,
        {{ read_as('adjustment_amount', money_type()) }} as adjustment_amount,
        {{ read_as('after_as_of_date_amount', money_type()) }} as after_as_of_date_amount
    from summed

)

select * from described
