{% macro revenue_by_segment_and_month(segmented) -%}
{%- set money = ['gross_revenue', 'returned_revenue', 'revenue'] -%}
{%- set counts = ['orders', 'units_purchased', 'units_returned'] -%}
summed as (

    select
        shop,
        segmentation,
        segment,
        month,
        sum(customers) as customers
        {%- for figure in money + counts %},
        sum({{ figure }}) as {{ figure }}
        {%- endfor %}
    from {{ segmented }}
    group by shop, segmentation, segment, month

),

segments as (

    select distinct shop, segmentation, segment from summed

),

-- a month in which a segment bought nothing is 0, not missing; whoever is new comes before all
placed as (

    select
        segments.shop,
        segments.segmentation,
        segments.segment,
        months.month,
        cast(coalesce(summed.customers, 0) as {{ dbt.type_bigint() }}) as customers,
        {%- for figure in money + counts %}
        cast(coalesce(summed.{{ figure }}, 0) as {{ money_type() if figure in money else dbt.type_bigint() }})
            as {{ figure }},
        {%- endfor %}
        {{ money_ratio('summed.gross_revenue', 'summed.orders') }} as average_order_value,
        months.as_of_date,
        coalesce(meanings.segment_order, 0) as segment_order,
        meanings.segment_colour,
        segments.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from segments
    inner join {{ ref('int_sales_months') }} as months
        on segments.shop = months.shop
    left join summed
        on
            segments.shop = summed.shop and segments.segmentation = summed.segmentation
            and segments.segment = summed.segment and months.month = summed.month
    left join {{ ref('int_segment_meanings') }} as meanings
        on segments.segmentation = meanings.segmentation and segments.segment = meanings.segment

)
{%- endmacro %}
