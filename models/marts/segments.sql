with

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

customer_segments as (

    select * from {{ ref('int_customer_clusters') }}

),

segmented as (

    select
        customers.*,
        customer_segments.segmentation,
        coalesce(customer_segments.segment, 'Unsegmented') as segment
    from customers
    inner join customer_segments
        on
            customers.shop = customer_segments.shop
            and customers.customer_id = customer_segments.customer_id

),

summed as (

    select
        shop,
        segmentation,
        segment,
        count(*) as customers,
        cast(sum(frequency) as {{ dbt.type_bigint() }}) as orders,
        sum(monetary) as revenue,
        sum(gross_revenue) as gross_revenue,
        cast(median(recency_days) as double) as median_recency_days,
        cast(median(frequency) as double) as median_frequency,
        cast(median(monetary) as {{ money_type() }}) as median_monetary,
        sum(return_rate_pct) as summed_return_rate_pct
    from segmented
    group by shop, segmentation, segment

),

shared as (

    select
        shop,
        segmentation,
        segment,
        customers,
        {{ percentage('customers', 'sum(customers) over (partition by shop, segmentation)') }}
            as customers_pct,
        cast(revenue as {{ money_type() }}) as revenue,
        {{ percentage('revenue', 'sum(revenue) over (partition by shop, segmentation)') }}
            as revenue_pct,
        orders,
        {{ money_ratio('gross_revenue', 'orders') }} as average_order_value,
        median_recency_days,
        median_frequency,
        median_monetary,
        cast(summed_return_rate_pct / customers as decimal(18, 6)) as mean_return_rate_pct
    from summed

)

select * from shared
