with

orders as (

    select * from {{ ref('int_orders') }}
    where accepted_lines > 0

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
        orders.*,
        segmentations.segmentation,
        case
            when orders.customer_id is null then 'Guest'
            else coalesce(customer_segments.segment, 'Unsegmented')
        end as segment
    from orders
    inner join segmentations
        on orders.shop = segmentations.shop
    left join customer_segments
        on
            orders.shop = customer_segments.shop
            and segmentations.segmentation = customer_segments.segmentation
            and orders.customer_id = customer_segments.customer_id

),

summed as (

    select
        shop,
        segmentation,
        segment,
        cast({{ dbt.date_trunc('month', 'ordered_on') }} as date) as month,
        count(distinct customer_id) as customers,
        count(case when purchase_lines > 0 then 1 end) as orders,
        cast(sum(gross_amount) as {{ money_type() }}) as gross_revenue,
        cast(sum(returned_amount) as {{ money_type() }}) as returned_revenue,
        cast(sum(accepted_amount) as {{ money_type() }}) as revenue,
        cast(sum(units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(units_returned) as {{ dbt.type_bigint() }}) as units_returned
    from segmented
    group by shop, segmentation, segment, cast({{ dbt.date_trunc('month', 'ordered_on') }} as date)

),

averaged as (

    select
        shop,
        segmentation,
        segment,
        month,
        customers,
        orders,
        gross_revenue,
        returned_revenue,
        revenue,
        {{ money_ratio('gross_revenue', 'orders') }} as average_order_value,
        units_purchased,
        units_returned
    from summed

)

select * from averaged
