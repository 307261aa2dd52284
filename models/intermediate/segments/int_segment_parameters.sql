{% set features = ['recency_days', 'frequency', 'monetary', 'return_rate_pct'] -%}

with

centroids as (

    select * from {{ ref('segment_centroids') }}

),

cluster_names as (

    -- the columns and their types, also where all segmentations are rules and nothing has a cluster
    select
        shop,
        segmentation,
        cluster_id,
        cast(null as {{ dbt.type_string() }}) as segment
    from {{ ref('int_cluster_figures') }}
    where false
    {% for segmentation in kmeans_segmentations() %}
    union all
    select
        shop,
        segmentation,
        cluster_id,
        segment
    from {{ ref('int_' ~ segmentation ~ '_names') }}
    {% endfor %}

),

-- each number as the text of a literal that reads back as the same number, for the functions
written as (

    select
        cluster_names.shop,
        cluster_names.segmentation,
        cluster_names.cluster_id,
        cluster_names.segment,
        {% for feature in features %}
        {{ text_of_double('centroids.' ~ feature ~ '_centre / centroids.' ~ feature ~ '_scale') }}
            as {{ feature }}_centre,
        {{ text_of_double('centroids.' ~ feature ~ '_scale') }} as {{ feature }}_scale,
        {% endfor %}
        centroids.transform
    from cluster_names
    -- cluster 0, outside the fit, has a name and no centre
    left join centroids
        on
            cluster_names.shop = centroids.shop
            and cluster_names.segmentation = centroids.segmentation
            and cluster_names.cluster_id = centroids.cluster_id

)

select * from written
