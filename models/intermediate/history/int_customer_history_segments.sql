with

customer_history as (

    select * from {{ ref('int_customer_history') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

-- every month by the same fit and score edges, today's, so that a move is behaviour and never a
-- refit; the casts are done once here, not for each centre in the function
scored as (

    select
        customer_history.shop,
        segmentations.segmentation,
        customer_history.customer_id,
        coalesce(
            {{ function('segment_of') }}(
                customer_history.shop,
                segmentations.segmentation,
                cast(customer_history.recency_days as double),
                cast(customer_history.frequency as double),
                cast(customer_history.monetary as double),
                cast(customer_history.return_rate_pct as double)
            ),
            'Unsegmented'
        ) as segment,
        customer_history.month
    from customer_history
    inner join segmentations
        on customer_history.shop = segmentations.shop

),

-- history has no gaps: the row before is the month before
compared as (

    select
        shop,
        segmentation,
        customer_id,
        month,
        segment,
        coalesce(
            lag(segment) over (partition by shop, segmentation, customer_id order by month), '(new)'
        ) as previous_segment
    from scored

)

select * from compared
