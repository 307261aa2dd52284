with

orders as (

    select * from {{ ref('int_orders') }}

),

primary_segments as (

    select * from {{ ref('int_customer_segments') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

{% set rules = [
    'unusual_amount', 'large_quantity', 'unmatched_return', 'repeated', 'high_returner',
] %}
flags as (

    {% for rule in rules %}
    select
        shop,
        order_id,
        '{{ rule }}' as flag,
        reason
    from {{ ref('int_' ~ rule ~ '_orders') }}
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
        count(case when flag not in ('repeated', 'high_returner') then 1 end) as signs
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
            -- two signs that agree: hardly chance
            when summed.signs >= 2 then 1
            -- one sign that something is wrong
            when summed.signs = 1 then 2
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
