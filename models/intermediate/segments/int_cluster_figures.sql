with

customers as (

    select * from {{ ref('int_customer_habits') }}

),

centroids as (

    select * from {{ ref('segment_centroids') }}

),

clusters as (

    select
        shop,
        segmentation,
        cluster_id,
        return_rate_pct_centre
    from centroids
    union all
    -- outside the fit: 0 and -1
    select
        shop,
        segmentation,
        cluster_id - 2 as cluster_id,
        cast(null as double) as return_rate_pct_centre
    from centroids
    where cluster_id <= 2

),

clustered as (

    select
        customers.shop,
        centroids.segmentation,
        customers.customer_id,
        {{ nearest('centroids.cluster_id', centroid_distance_sql()) }} as cluster_id
    from {{ ref('int_fit_customers') }} as customers
    inner join centroids
        on customers.shop = centroids.shop
    group by customers.shop, centroids.segmentation, customers.customer_id
    union all
    select
        customers.shop,
        clusters.segmentation,
        customers.customer_id,
        clusters.cluster_id
    from customers
    inner join clusters
        on
            customers.shop = clusters.shop
            and clusters.cluster_id = {{ cluster_outside_fit('customers.') }}
    where not customers.is_in_fit

),

-- each cluster, and all customers of the fit to compare it with (cluster_id null)
summed as (

    select
        customers.shop,
        clustered.segmentation,
        clustered.cluster_id,
        customers.is_in_fit,
        cast(sum(customers.monetary) as double) / count(*) as revenue_per_customer,
        1.0e0 * sum(customers.frequency) / count(*) as orders_per_customer,
        cast(sum(customers.gross_revenue) as double) / nullif(sum(customers.frequency), 0)
            as average_order_value,
        median(customers.frequency) as median_frequency,
        median(customers.recency_days) as median_recency_days,
        median(customers.tenure_days) as median_tenure_days,
        avg(case customers.is_overdue when true then 100.0e0 when false then 0 end) as overdue_pct,
        avg(case when customers.has_returned then 100.0e0 else 0 end) as returner_pct
    from clustered
    inner join customers
        on
            clustered.shop = customers.shop
            and clustered.customer_id = customers.customer_id
    group by
        customers.shop, clustered.segmentation, customers.is_in_fit, rollup(clustered.cluster_id)

),

judged as (

    select
        clusters.*,
        figures.revenue_per_customer,
        figures.orders_per_customer,
        figures.median_recency_days,
        figures.median_frequency >= 2 as orders_again,
        figures.overdue_pct > 50 as is_overdue,
        figures.median_recency_days > shops.median_recency_days as is_away,
        -- two thirds, because in a shop where most buy once half of the clusters are shorter
        3 * figures.median_tenure_days <= 2 * shops.median_tenure_days
        and figures.median_recency_days <= shops.median_recency_days as is_new,
        figures.revenue_per_customer >= shops.revenue_per_customer as spends_much,
        figures.average_order_value >= shops.average_order_value as has_large_orders,
        figures.returner_pct >= 50 as mostly_returns
    from clusters
    inner join summed as shops
        on
            clusters.shop = shops.shop
            and clusters.segmentation = shops.segmentation
            and shops.is_in_fit
            and shops.cluster_id is null
    -- an earlier fit may have a cluster in which there is nobody today
    left join summed as figures
        on
            clusters.shop = figures.shop
            and clusters.segmentation = figures.segmentation
            and clusters.cluster_id = figures.cluster_id

)

select * from judged
