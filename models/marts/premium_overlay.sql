with

customers as (

    select * from {{ ref('int_customer_rfm') }}
    where is_premium is not null

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

customer_segments as (

    select * from {{ ref('int_customer_segments') }}

),

-- squares and products are sums of DECIMALs, so that the order of rows does not matter
summed as (

    select
        customers.shop,
        customer_segments.segmentation,
        coalesce(customer_segments.segment, 'Unsegmented') as segment,
        customers.is_premium,
        count(*) as customers,
        cast(sum(customers.frequency) as {{ dbt.type_bigint() }}) as orders,
        cast(sum(customers.monetary) as {{ money_type() }}) as revenue,
        cast(sum(customers.gross_revenue) as {{ money_type() }}) as gross_revenue,
        sum(cast(customers.frequency as decimal(18, 0)) * customers.frequency) as squared_orders,
        sum(customers.monetary * customers.monetary) as squared_revenue,
        sum(customers.gross_revenue * customers.gross_revenue) as squared_gross_revenue,
        sum(customers.gross_revenue * customers.frequency) as gross_revenue_by_orders,
        max(customers.as_of_date) as as_of_date
    from customers
    inner join customer_segments
        on
            customers.shop = customer_segments.shop
            and customers.customer_id = customer_segments.customer_id
    group by
        customers.shop,
        customer_segments.segmentation,
        coalesce(customer_segments.segment, 'Unsegmented'),
        customers.is_premium

),

measured as (

    select
        *,
        cast(revenue as double) / customers as revenue_per_customer,
        cast(gross_revenue as double) / nullif(orders, 0) as average_order_value,
        cast(orders as double) / customers as mean_frequency,
        {{ relative_variance('revenue', 'squared_revenue') }} as revenue_per_customer_variance,
        {{ relative_variance(
            'gross_revenue', 'squared_gross_revenue', 'orders', 'squared_orders',
            'gross_revenue_by_orders',
        ) }} as average_order_value_variance,
        {{ relative_variance('orders', 'squared_orders') }} as mean_frequency_variance
    from summed

),

-- premium against not premium inside the same segment, so that like is compared with like
compared as (

    select
        these.shop,
        these.segmentation,
        these.segment,
        these.is_premium,
        these.customers,
        these.orders,
        these.revenue,
        {% for figure in ['revenue_per_customer', 'average_order_value', 'mean_frequency'] %}
        {{ rounded('these.' ~ figure, 2) }} as {{ figure }},
        {% endfor %}
        {% for figure in ['revenue_per_customer', 'average_order_value', 'mean_frequency'] %}
        {{ difference_pct('these.' ~ figure, 'others.' ~ figure) }} as {{ figure }}_difference_pct,
        {% for side in ['lower', 'upper'] %}
        {{ difference_bound_pct('these', 'others', figure, side) }}
            as {{ figure }}_difference_{{ side }}_pct,
        {% endfor %}
        {% endfor %}
        these.as_of_date
    from measured as these
    left join measured as others
        on
            these.shop = others.shop
            and these.segmentation = others.segmentation
            and these.segment = others.segment
            and these.is_premium <> others.is_premium

),

placed as (

    select
        compared.*,
        meanings.segment_order,
        meanings.segment_colour,
        compared.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from compared
    left join meanings
        on
            compared.segmentation = meanings.segmentation
            and compared.segment = meanings.segment

)

select * from placed
