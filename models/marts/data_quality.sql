with

orders as (

    select * from {{ ref('int_orders') }}

),

{% set statuses = ['accepted', 'unreadable', 'adjustment', 'zero_price', 'repeated', 'later'] %}
counted as (

    {% for status in statuses %}
    select
        shop,
        '{{ status }}' as line_status,
        sum({{ status }}_lines) as lines,
        count(case when {{ status }}_lines > 0 and order_id <> '(unreadable)' then 1 end) as orders,
        sum({{ status }}_amount) as amount
    from orders
    group by shop
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

shared as (

    select
        shop,
        line_status,
        cast(lines as {{ dbt.type_bigint() }}) as lines,
        orders,
        cast(amount as {{ money_type() }}) as amount,
        {{ percentage('lines', 'sum(lines) over (partition by shop)') }} as lines_pct
    from counted

)

select * from shared
