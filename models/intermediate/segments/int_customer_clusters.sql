with

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

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
        shop,
        segmentation,
        customer_id,
        score.cluster_id,
        score.segment,
        score.confidence
    from scored

)

select * from unpacked
