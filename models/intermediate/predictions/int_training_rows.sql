with

snapshots as (

    select * from {{ ref('int_labelled_snapshots') }}

),

top_clusters as (

    select
        shop,
        segmentation,
        {{ latest('cluster_id', 'monetary_centre', '-cluster_id') }} as cluster_id
    from {{ ref('segment_centroids') }}
    where segmentation = 'rfm_lifecycle'
    group by shop, segmentation

),

members as (

    select
        clusters.shop,
        clusters.customer_id,
        top_clusters.cluster_id is not null as is_member
    from {{ ref('int_customer_clusters') }} as clusters
    left join top_clusters
        on
            clusters.shop = top_clusters.shop
            and clusters.segmentation = top_clusters.segmentation
            and clusters.cluster_id = top_clusters.cluster_id
    where clusters.segmentation = 'rfm_lifecycle' and clusters.cluster_id is not null

),

combined as (

    select
        shop,
        'high_value' as model,
        periods_ago,
        customer_id,
        {{ prediction_features() | join(',\n        ') }},
        is_high_value as is_positive
    from snapshots
    union all
    -- whoever has been away for two horizons has left before the cutoff
    select
        shop,
        'churn' as model,
        periods_ago,
        customer_id,
        {{ prediction_features() | join(',\n        ') }},
        has_churned as is_positive
    from snapshots
    where recency_days <= {{ 2 * var('prediction_horizon_days') }}
    union all
    -- who is in the most valuable cluster today, from the figures that make the clusters
    select
        customers.shop,
        'descriptive' as model,
        0 as periods_ago,
        customers.customer_id,
        {% for name in prediction_features() %}
        {{
            'ln(1 + ' ~ name | replace('log_', '') ~ ')' if loop.index <= 3
            else 'cast(null as double)'
        }} as {{ name }},
        {% endfor %}
        members.is_member as is_positive
    from {{ ref('int_fit_customers') }} as customers
    inner join members
        on
            customers.shop = members.shop
            and customers.customer_id = members.customer_id

)

select * from combined
