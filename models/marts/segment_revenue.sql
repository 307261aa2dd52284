with

customer_sales_months as (

    select * from {{ ref('int_customer_sales_months') }}

),

customer_segments as (

    select * from {{ ref('int_customer_segments') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

-- every order counts once in each segmentation, so that each sums to the shop's accepted revenue
segmented as (

    select
        customer_sales_months.*,
        segmentations.segmentation,
        case
            when customer_sales_months.customer_id is null then 'Guest'
            else coalesce(customer_segments.segment, 'Unsegmented')
        end as segment,
        case when customer_sales_months.customer_id is null then 0 else 1 end as customers
    from customer_sales_months
    inner join segmentations
        on customer_sales_months.shop = segmentations.shop
    left join customer_segments
        on
            customer_sales_months.shop = customer_segments.shop
            and segmentations.segmentation = customer_segments.segmentation
            and customer_sales_months.customer_id = customer_segments.customer_id

),

{{ revenue_by_segment_and_month('segmented') }}

select * from placed
