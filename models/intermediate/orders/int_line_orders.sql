{{ config(materialized=view_or_table(), post_hook="{{ stop_at_unusable_shops('order_lines') }}") }}
-- depends_on: {{ ref('int_checked_lines') }}, in whose lines stop_at_unusable_shops looks further
{% set counts = [
    'line_count', 'accepted_lines', 'purchase_lines', 'unreadable_lines', 'adjustment_lines',
    'zero_price_lines', 'after_as_of_date_lines', 'units_purchased', 'units_returned',
] %}
{% set amounts = [
    'gross_amount', 'returned_amount', 'accepted_amount', 'unreadable_amount',
    'adjustment_amount', 'after_as_of_date_amount',
] %}
with

orders_of_one_file as (

    select * from {{ ref('int_file_orders') }}
    where not is_split

),

orders_of_several_files as (

    select * from {{ ref('int_file_orders') }}
    where is_split

),

whole_orders as (

    select
        shop,
        order_id,
        customer_id,
        country,
        ordered_at,
        fingerprint,
        {{ (counts + amounts) | join(',\n        ') }},
        is_conflicting
    from orders_of_one_file

),

joined_orders as (

    select
        shop,
        order_id,
        max(customer_id) as customer_id,
        max(country) as country,
        min(ordered_at) as ordered_at,
        {{ bit_xor('fingerprint') }} as fingerprint,
        {% for count in counts %}
        cast(sum({{ count }}) as {{ dbt.type_bigint() }}) as {{ count }},
        {% endfor %}
        -- a sum that money cannot hold is null, and so is one of which a part is
        {% for amount in amounts %}
        case
            when count({{ amount }}) = count(*)
                then {{ read_as('sum(' ~ amount ~ ')', money_type()) }}
        end as {{ amount }},
        {% endfor %}
        {{ dbt.bool_or('is_conflicting') }}
        or coalesce(min(accepted_customer_id) <> max(accepted_customer_id), false)
        or coalesce(min(accepted_on) <> max(accepted_on), false) as is_conflicting
    from orders_of_several_files
    group by shop, order_id

),

combined as (

    select * from whole_orders
    union all
    select * from joined_orders

),

-- each distinct line an even number of times: the whole order arrived twice
compared as (

    select
        *,
        coalesce(fingerprint = 0, false) as is_repeated
    from combined

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
        {{ money_once('accepted_amount') }} as accepted_amount,
        accepted_amount - {{ money_once('accepted_amount') }} as repeated_amount,
        cast(0 as {{ money_type() }}) as zero_price_amount,
        unreadable_amount,
        adjustment_amount,
        after_as_of_date_amount
    from compared

)

select * from counted_once
