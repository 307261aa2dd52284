with

customer_sales_months as (

    select * from {{ ref('int_customer_sales_months') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

sales_months as (

    select * from {{ ref('int_sales_months') }}

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
        end as segment
    from customer_sales_months
    inner join segmentations
        on customer_sales_months.shop = segmentations.shop
    left join customer_segments
        on
            customer_sales_months.shop = customer_segments.shop
            and segmentations.segmentation = customer_segments.segmentation
            and customer_sales_months.customer_id = customer_segments.customer_id

),

summed as (

    select
        shop,
        segmentation,
        segment,
        month,
        count(customer_id) as customers,
        sum(orders) as orders,
        sum(gross_revenue) as gross_revenue,
        sum(returned_revenue) as returned_revenue,
        sum(revenue) as revenue,
        sum(units_purchased) as units_purchased,
        sum(units_returned) as units_returned
    from segmented
    group by shop, segmentation, segment, month

),

segments as (

    select distinct
        shop,
        segmentation,
        segment
    from summed

),

-- a month in which a segment bought nothing is 0, not missing
filled as (

    select
        segments.shop,
        segments.segmentation,
        segments.segment,
        sales_months.month,
        coalesce(summed.customers, 0) as customers,
        cast(coalesce(summed.orders, 0) as {{ dbt.type_bigint() }}) as orders,
        cast(coalesce(summed.gross_revenue, 0) as {{ money_type() }}) as gross_revenue,
        cast(coalesce(summed.returned_revenue, 0) as {{ money_type() }}) as returned_revenue,
        cast(coalesce(summed.revenue, 0) as {{ money_type() }}) as revenue,
        {{ money_ratio('summed.gross_revenue', 'summed.orders') }} as average_order_value,
        cast(coalesce(summed.units_purchased, 0) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(coalesce(summed.units_returned, 0) as {{ dbt.type_bigint() }}) as units_returned,
        sales_months.as_of_date
    from segments
    inner join sales_months
        on segments.shop = sales_months.shop
    left join summed
        on
            segments.shop = summed.shop
            and segments.segmentation = summed.segmentation
            and segments.segment = summed.segment
            and sales_months.month = summed.month

),

placed as (

    select
        filled.*,
        meanings.segment_order,
        meanings.segment_colour,
        filled.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from filled
    left join meanings
        on
            filled.segmentation = meanings.segmentation
            and filled.segment = meanings.segment

)

select * from placed
