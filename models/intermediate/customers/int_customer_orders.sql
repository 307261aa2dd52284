with

orders as (

    select * from {{ ref('int_orders') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

checked_customers as (

    select * from {{ ref('int_checked_customers') }}
    where row_status = 'accepted'

),

{% set days = ['orders.ordered_on', 'as_of_dates.as_of_date'] %}
summed as (

    select
        orders.shop,
        orders.customer_id,
        {{ latest('orders.country', 'orders.ordered_at', 'orders.order_id') }} as country,
        {{ latest('orders.state', 'orders.ordered_at', 'orders.order_id') }} as state,
        {% for figure, column in [
            ('purchase_lines', 'frequency'),
            ('returned_amount', 'return_orders'),
            ('accepted_lines', 'all_orders'),
        ] %}
        count(
            {{ in_rfm_window('case when orders.' ~ figure ~ ' > 0 then 1 end', *days) }}
        ) as {{ column }},
        {% endfor %}
        {% for figure, column, type in [
            ('accepted_amount', 'monetary', money_type()),
            ('gross_amount', 'gross_revenue', money_type()),
            ('returned_amount', 'returned_revenue', money_type()),
            ('units_purchased', 'units_purchased', dbt.type_bigint()),
            ('units_returned', 'units_returned', dbt.type_bigint()),
        ] %}
        cast(
            coalesce(sum({{ in_rfm_window('orders.' ~ figure, *days) }}), 0) as {{ type }}
        ) as {{ column }},
        {% endfor %}
        cast(sum(orders.units_purchased) as {{ dbt.type_bigint() }}) as all_units_purchased,
        cast(null as boolean) as is_premium,
        min(case when orders.purchase_lines > 0 then orders.ordered_on end) as first_ordered_on,
        max(case when orders.purchase_lines > 0 then orders.ordered_on end) as last_ordered_on,
        max(orders.ordered_on) as last_active_on,
        {{ sorted_list('case when orders.purchase_lines > 0 then orders.ordered_on end') }}
            as purchase_days
    from orders
    inner join as_of_dates
        on orders.shop = as_of_dates.shop
    where orders.customer_id is not null
    group by orders.shop, orders.customer_id

),

combined as (

    select
        shop,
        customer_id,
        country,
        state,
        frequency,
        return_orders,
        all_orders,
        monetary,
        gross_revenue,
        returned_revenue,
        units_purchased,
        units_returned,
        all_units_purchased,
        is_premium,
        -- several orders on one day are one visit; from one gap nobody can say what is usual
        cast(
            case when frequency >= 3 then {{ median_gap_days('purchase_days') }} end
            as decimal(18, 1)
        ) as usual_gap_days,
        first_ordered_on,
        last_ordered_on,
        last_active_on
    from summed
    union all
    -- shops that enter by customers know neither returns nor units
    select
        shop,
        customer_id,
        country,
        state,
        frequency,
        0 as return_orders,
        frequency as all_orders,
        gross_revenue as monetary,
        gross_revenue,
        0 as returned_revenue,
        0 as units_purchased,
        0 as units_returned,
        0 as all_units_purchased,
        is_premium,
        cast(null as decimal(18, 1)) as usual_gap_days,
        first_ordered_on,
        last_ordered_on,
        last_ordered_on as last_active_on
    from checked_customers

)

select * from combined
