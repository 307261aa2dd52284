with

line_orders as (

    select * from {{ ref('int_line_orders') }}

),

{% set statuses = [
    'accepted', 'unreadable', 'adjustment', 'zero_price', 'repeated', 'after_as_of_date',
] %}
-- one pass over the orders for all statuses
summed as (

    select
        {% for status in statuses %}
        sum({{ status }}_lines) as {{ status }}_lines,
        count(
            case when {{ status }}_lines > 0 and order_id <> '(unreadable)' then 1 end
        ) as {{ status }}_orders,
        count(case when {{ status }}_lines > 0 and is_conflicting then 1 end)
            as {{ status }}_conflicts,
        sum({{ status }}_amount) as {{ status }}_amount,
        {% endfor %}
        shop
    from line_orders
    group by shop

),

counted as (

    {% for status in statuses %}
    select
        shop,
        '{{ status }}' as line_status,
        {{ status }}_lines as lines,
        {{ status }}_orders as orders,
        {{ status }}_conflicts as conflicting_orders,
        {{ status }}_amount as amount
    from summed
    union all
    {% endfor %}
    -- shops that enter by orders: one raw row is one order
    select
        shop,
        row_status as line_status,
        count(*) as lines,
        count(distinct order_id) as orders,
        count(distinct case when is_conflicting then order_id end) as conflicting_orders,
        sum(amount - returned_amount) as amount
    from {{ ref('int_checked_orders') }}
    group by shop, row_status
    union all
    -- shops that enter by customers: one raw row is one customer
    select
        shop,
        row_status as line_status,
        count(*) as lines,
        coalesce(sum(frequency), 0) as orders,
        0 as conflicting_orders,
        coalesce(sum(gross_revenue), 0) as amount
    from {{ ref('int_checked_customers') }}
    group by shop, row_status

),

shared as (

    select
        shop,
        line_status,
        cast(lines as {{ dbt.type_bigint() }}) as lines,
        cast(orders as {{ dbt.type_bigint() }}) as orders,
        cast(conflicting_orders as {{ dbt.type_bigint() }}) as conflicting_orders,
        cast(amount as {{ money_type() }}) as amount,
        {{ share_pct('lines', 'sum(lines) over (partition by shop)') }} as lines_pct
    from counted

)

select * from shared
