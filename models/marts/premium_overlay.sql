with

customers as (

    select * from {{ ref('int_customer_rfm') }}
    where is_premium is not null

),

customer_segments as (

    select * from {{ ref('int_customer_segments') }}

),

summed as (

    select
        customers.shop,
        customer_segments.segmentation,
        coalesce(customer_segments.segment, 'Unsegmented') as segment,
        customers.is_premium,
        count(*) as customers,
        cast(sum(customers.frequency) as {{ dbt.type_bigint() }}) as orders,
        cast(sum(customers.monetary) as {{ money_type() }}) as revenue,
        cast(sum(customers.gross_revenue) as {{ money_type() }}) as gross_revenue
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
        {{ money_ratio('these.revenue', 'these.customers') }} as revenue_per_customer,
        {{ money_ratio('these.gross_revenue', 'these.orders') }} as average_order_value,
        cast(round(cast(these.orders as double) / these.customers, 6) as decimal(18, 6))
            as mean_frequency,
        {{ difference_pct(
            'these.revenue / these.customers', 'others.revenue / others.customers'
        ) }} as revenue_per_customer_difference_pct,
        {{ difference_pct(
            'these.gross_revenue / nullif(these.orders, 0)', 'others.gross_revenue / nullif(others.orders, 0)'
        ) }} as average_order_value_difference_pct,
        {{ difference_pct(
            'these.orders / cast(these.customers as double)', 'others.orders / cast(others.customers as double)'
        ) }} as mean_frequency_difference_pct
    from summed as these
    left join summed as others
        on
            these.shop = others.shop
            and these.segmentation = others.segmentation
            and these.segment = others.segment
            and these.is_premium <> others.is_premium

)

select * from compared
