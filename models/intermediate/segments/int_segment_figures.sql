with

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

customer_segments as (

    select * from {{ ref('int_customer_segments') }}

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

-- each segment, and beside it the whole shop to compare it with
summed as (

    select
        shop,
        segmentation,
        coalesce(segment, '(shop)') as segment,
        count(*) as customers,
        count(case when frequency = 1 then 1 end) as one_order_customers,
        cast(sum(frequency) as {{ dbt.type_bigint() }}) as orders,
        cast(sum(return_orders) as {{ dbt.type_bigint() }}) as return_orders,
        cast(sum(all_orders) as {{ dbt.type_bigint() }}) as all_orders,
        cast(sum(units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(units_returned) as {{ dbt.type_bigint() }}) as units_returned,
        cast(sum(matched_units_returned) as {{ dbt.type_bigint() }}) as matched_units_returned,
        cast(sum(monetary) as {{ money_type() }}) as revenue,
        cast(sum(gross_revenue) as {{ money_type() }}) as gross_revenue,
        cast(sum(matched_return_rate_pct) as decimal(38, 6)) as summed_matched_return_rate_pct,
        cast(median(recency_days) as double) as median_recency_days,
        cast(median(frequency) as double) as median_frequency,
        cast(median(monetary) as {{ money_type() }}) as median_monetary
    from segmented
    group by shop, segmentation, rollup(segment)

)

select * from summed
