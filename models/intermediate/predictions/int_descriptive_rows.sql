{% set features = ['log_recency_days', 'log_frequency', 'log_monetary'] -%}

with

customers as (

    select * from {{ ref('int_fit_customers') }}

),

customer_clusters as (

    select * from {{ ref('int_customer_clusters') }}
    where segmentation = 'rfm_lifecycle' and cluster_id is not null

),

top_clusters as (

    select
        shop,
        {{ latest('cluster_id', 'monetary_centre', '-cluster_id') }} as cluster_id
    from {{ ref('segment_centroids') }}
    where segmentation = 'rfm_lifecycle'
    group by shop

),

labelled as (

    select
        customers.shop,
        'descriptive' as model,
        0 as periods_ago,
        customers.customer_id,
        {% for feature in features %}
        {{ prediction_features()[feature] }} as {{ feature }},
        {% endfor %}
        top_clusters.cluster_id is not null as is_positive
    from customers
    inner join customer_clusters
        on
            customers.shop = customer_clusters.shop
            and customers.customer_id = customer_clusters.customer_id
    left join top_clusters
        on
            customer_clusters.shop = top_clusters.shop
            and customer_clusters.cluster_id = top_clusters.cluster_id

)

select * from labelled
