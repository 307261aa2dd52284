with

customer_segments as (

    select * from {{ ref('int_customer_segments') }}

),

selected as (

    select
        shop,
        segmentation,
        customer_id,
        segment,
        cluster_id,
        confidence
    from customer_segments

)

select * from selected
