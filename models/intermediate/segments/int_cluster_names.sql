with

combined as (

    -- the columns and their types, also where all segmentations are rules and nothing has a cluster
    select
        shop,
        segmentation,
        cluster_id,
        cast(null as {{ dbt.type_string() }}) as segment
    from {{ ref('int_cluster_centres') }}
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

)

select * from combined
