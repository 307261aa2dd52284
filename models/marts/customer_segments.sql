with

customer_segments as (

    select * from {{ ref('int_customer_segments') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

joined as (

    select
        customer_segments.shop,
        customer_segments.segmentation,
        customer_segments.customer_id,
        customer_segments.segment,
        customer_segments.cluster_id,
        customer_segments.confidence,
        customer_segments.second_nearest_segment,
        meanings.segment_order,
        meanings.segment_colour,
        customer_segments.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from customer_segments
    left join meanings
        on
            customer_segments.segmentation = meanings.segmentation
            and customer_segments.segment = meanings.segment

)

select * from joined
