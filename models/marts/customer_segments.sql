with

customer_clusters as (

    select * from {{ ref('int_customer_clusters') }}

),

selected as (

    select
        shop,
        segmentation,
        customer_id,
        segment,
        cluster_id,
        confidence
    from customer_clusters

)

select * from selected
