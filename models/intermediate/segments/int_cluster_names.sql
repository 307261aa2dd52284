with

combined as (

    {% for segmentation in kmeans_segmentations() %}
    select
        shop,
        segmentation,
        cluster_id,
        segment
    from {{ ref('int_' ~ segmentation ~ '_names') }}
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

)

select * from combined
