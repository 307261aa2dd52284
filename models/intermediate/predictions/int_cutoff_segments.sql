with

customers as (

    select * from {{ ref('int_cutoff_customers') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

centroids as (

    select * from {{ ref('cutoff_centroids') }}

),

cluster_names as (

    select * from {{ ref('int_segment_parameters') }}

),

-- by the fit of the cutoff, as score_segment does it by today's
clustered as (

    select
        customers.shop,
        customers.periods_ago,
        centroids.segmentation,
        customers.customer_id,
        case
            when not customers.is_in_fit then {{ cluster_outside_fit('customers.') }}
            else {{ nearest('centroids.cluster_id', centroid_distance_sql()) }}
        end as cluster_id
    from customers
    inner join centroids
        on customers.shop = centroids.shop and customers.periods_ago = centroids.periods_ago
    group by
        customers.shop, customers.periods_ago, centroids.segmentation, customers.customer_id,
        customers.is_in_fit, customers.monetary, customers.return_rate_pct

),

named as (

    select
        customers.shop,
        customers.periods_ago,
        segmentations.segmentation,
        customers.customer_id,
        -- the cutoff may have too few customers for a fit
        coalesce(
            case
                when segmentations.method = 'kmeans' then cluster_names.segment
                {%- for segmentation, config in segmentations().items()
                    if config.method == 'rules' %}
                when segmentations.segmentation = '{{ segmentation }}'
                    then {{ rules_case(config.rules, 'customers.') }}
                {%- endfor %}
            end,
            'Unsegmented'
        ) as segment
    from customers
    inner join segmentations
        on customers.shop = segmentations.shop
    left join clustered
        on
            customers.shop = clustered.shop
            and customers.periods_ago = clustered.periods_ago
            and segmentations.segmentation = clustered.segmentation
            and customers.customer_id = clustered.customer_id
    left join cluster_names
        on
            clustered.shop = cluster_names.shop
            and clustered.segmentation = cluster_names.segmentation
            and clustered.cluster_id = cluster_names.cluster_id

)

select * from named
