with

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}
    where method = 'kmeans'

),

scored as (

    select
        customers.shop,
        segmentations.segmentation,
        customers.customer_id,
        {{ function('score_segment') }}(
            customers.shop,
            segmentations.segmentation,
            customers.recency_days,
            customers.frequency,
            customers.monetary,
            customers.return_rate_pct
        ) as score
    from customers
    inner join segmentations
        on customers.shop = segmentations.shop

),

unpacked as (

    select
        scored.shop,
        scored.segmentation,
        scored.customer_id,
        scored.score.cluster_id,
        scored.score.segment,
        scored.score.confidence,
        scored.score.second_nearest_segment
    from scored

)

select * from unpacked
