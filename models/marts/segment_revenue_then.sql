with

customer_sales_months as (

    select * from {{ ref('int_customer_sales_months') }}

),

spells as (

    select * from {{ ref('int_segment_spells') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

-- the segment at the end of the month before is the one in which the month began; whoever was not
-- active by then had none
segmented as (

    select
        customer_sales_months.*,
        segmentations.segmentation,
        case
            when customer_sales_months.customer_id is null then 'Guest'
            else coalesce(spells.segment, '(new)')
        end as segment
    from customer_sales_months
    inner join segmentations
        on customer_sales_months.shop = segmentations.shop
    left join spells
        on
            customer_sales_months.shop = spells.shop
            and segmentations.segmentation = spells.segmentation
            and customer_sales_months.customer_id = spells.customer_id
            and customer_sales_months.month > spells.first_month
            and customer_sales_months.month <= {{ add_months(1, 'spells.last_month') }}

),

{{ revenue_by_segment_and_month('segmented') }}

select * from placed
