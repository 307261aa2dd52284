with

orders as (

    select * from {{ ref('int_orders') }}

),

primary_segments as (

    select * from {{ ref('int_customer_segments') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

{% set rules = [
    'unusual_amount', 'large_quantity', 'unmatched_return', 'repeated_order', 'high_returner',
] %}
flags as (

    {% for rule in rules %}
    select
        shop,
        order_id,
        '{{ rule }}' as flag,
        reason
    from {{ ref('int_' ~ rule ~ '_flags') }}
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

summed as (

    select
        shop,
        order_id,
        {% for rule in rules %}
        max(case when flag = '{{ rule }}' then reason end) as {{ rule }}_reason,
        {% endfor %}
        count(case when flag not in ('repeated_order', 'high_returner') then 1 end) as order_flags
    from flags
    group by shop, order_id

),

worded as (

    select
        orders.shop,
        orders.order_id,
        orders.customer_id,
        case
            when orders.customer_id is null then 'Guest'
            else coalesce(primary_segments.segment, 'Unsegmented')
        end as segment,
        concat_ws(
            '; ',
            {%- for rule in rules %}
            summed.{{ rule }}_reason{{ ',' if not loop.last }}
            {%- endfor %}
        ) as reasons,
        case
            -- two flags that agree: hardly chance
            when summed.order_flags >= 2 then 1
            -- one flag that says something is wrong
            when summed.order_flags = 1 then 2
            -- nothing wrong with the order itself: it came twice, or may come back
            else 3
        end as priority,
        orders.accepted_amount as order_amount,
        orders.ordered_at
    from summed
    inner join orders
        on
            summed.shop = orders.shop
            and summed.order_id = orders.order_id
    left join primary_segments
        on
            orders.shop = primary_segments.shop
            and orders.customer_id = primary_segments.customer_id

)

select * from worded
