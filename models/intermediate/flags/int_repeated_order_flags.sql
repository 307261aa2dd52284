with

orders as (

    select * from {{ ref('int_orders') }}
    where is_repeated and accepted_lines > 0

),

worded as (

    select
        shop,
        order_id,
        {% if var('count_repeated_orders_once') %}
        'order arrived twice, counted once' as reason
        {% else %}
        'order arrived twice, counted in full' as reason
        {% endif %}
    from orders

)

select * from worded
