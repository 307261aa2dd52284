{% macro revenue_by_segment_and_month(segmented) -%}
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
    from {{ segmented }}
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
    inner join {{ ref('int_sales_months') }} as sales_months
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
        -- whoever is new comes before all segments
        coalesce(meanings.segment_order, 0) as segment_order,
        meanings.segment_colour,
        filled.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from filled
    left join {{ ref('int_segment_meanings') }} as meanings
        on
            filled.segmentation = meanings.segmentation
            and filled.segment = meanings.segment

)
{%- endmacro %}
