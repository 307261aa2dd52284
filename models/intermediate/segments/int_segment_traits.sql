with

figures as (

    select * from {{ ref('int_segment_figures') }}

),

-- the figures that a segment can stand out by, each with its unit
{% set traits = [
    ('median recency', 'median_recency_days', ' days'),
    ('orders per customer', '1.0 * orders / customers', ''),
    ('net revenue per customer', 'revenue / customers', ''),
    ('average order value', 'gross_revenue / nullif(orders, 0)', ''),
    ('units per order', '1.0 * units_purchased / nullif(orders, 0)', ''),
    ('matched return rate', '100.0 * matched_units_returned / nullif(units_purchased, 0)', ' %'),
    ('share of orders with returns', '100.0 * return_orders / nullif(orders + return_orders, 0)', ' %'),
    ('share of customers with one order', '100.0 * one_order_customers / customers', ' %'),
] %}
listed as (

    {% for trait, expression, unit in traits %}
    select
        shop,
        segmentation,
        segment,
        '{{ trait }}' as trait,
        '{{ unit }}' as unit,
        cast({{ expression }} as double) as trait_value
    from figures
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

compared as (

    select
        segments.shop,
        segments.segmentation,
        segments.segment,
        segments.trait,
        segments.unit,
        segments.trait_value,
        segments.trait_value / shops.trait_value as ratio_to_shop
    from listed as segments
    inner join listed as shops
        on
            segments.shop = shops.shop
            and segments.segmentation = shops.segmentation
            and segments.trait = shops.trait
    where
        segments.segment <> '(shop)'
        and shops.segment = '(shop)'
        and segments.trait_value >= 0
        and shops.trait_value > 0

),

-- how far apart: 3 times and a third of the shop's are equally far; nothing at all is farthest
ranked as (

    select
        *,
        row_number() over (
            partition by shop, segmentation, segment
            order by
                abs(ln(greatest(ratio_to_shop, 0.0001))) desc,
                trait asc
        ) as trait_rank
    from compared

)

select * from ranked
