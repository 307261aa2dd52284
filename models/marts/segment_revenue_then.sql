{% set segments = segmentation_columns('segment') -%}
{% set figures = [
    'gross_revenue', 'returned_revenue', 'revenue', 'orders', 'units_purchased', 'units_returned',
] -%}

with

sales as (

    select * from {{ ref('int_customer_sales_months') }}

),

periods as (

    select * from {{ ref('int_segment_periods') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

-- the segment at the end of the month before is the one in which the month began; whoever was not
-- active by then had none
joined as (

    select
        sales.shop,
        sales.month,
        {% for segment in segments %}
        case
            when sales.customer_id is null then 'Guest'
            else coalesce(periods.{{ segment }}, '(new)')
        end as {{ segment }},
        {% endfor %}
        sales.customer_id,
        sales.{{ figures | join(',\n        sales.') }}
    from sales
    left join periods
        on
            sales.shop = periods.shop
            and sales.customer_id = periods.customer_id
            and sales.month > periods.first_month
            and sales.month <= {{ add_months(1, 'periods.last_month') }}

),

-- the few combinations of segments, before each of their segmentations gets a row
counted as (

    select
        shop,
        month,
        {{ segments | join(',\n        ') }},
        {% for figure in figures %}
        sum({{ figure }}) as {{ figure }},
        {% endfor %}
        count(customer_id) as customers
    from joined
    group by shop, month, {{ segments | join(', ') }}

),

segmented as (

    select
        counted.*,
        segmentations.segmentation,
        {{ column_of_segmentation('segment') }} as segment
    from counted
    inner join segmentations
        on counted.shop = segmentations.shop

),

{{ revenue_by_segment_and_month('segmented') }}

select * from placed
