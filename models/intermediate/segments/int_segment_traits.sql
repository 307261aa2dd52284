with

figures as (

    select * from {{ ref('int_segment_figures') }}

),

-- the figures that a segment can stand out by
{% set traits = [
    ('recency', 'median_recency_days'),
    ('orders', '1.0 * orders / customers'),
    ('revenue', 'revenue / customers'),
    ('order_value', 'gross_revenue / nullif(orders, 0)'),
    ('order_units', '1.0 * units_purchased / nullif(orders, 0)'),
    ('returned_units', '100.0 * matched_units_returned / nullif(units_purchased, 0)'),
    ('return_orders', '100.0 * return_orders / nullif(all_orders, 0)'),
    ('one_order', '100.0 * one_order_customers / customers'),
] %}
listed as (

    {% for trait, expression in traits %}
    select
        shop,
        segmentation,
        segment,
        '{{ trait }}' as trait,
        cast({{ expression }} as double) as trait_value
    from figures
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

-- a tenth more or less than the shop is no trait
compared as (

    select
        segments.shop,
        segments.segmentation,
        segments.segment,
        segments.trait,
        segments.trait_value,
        shops.trait_value as shop_value,
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
        and segments.trait_value / shops.trait_value not between 1 / 1.1e0 and 1.1e0

),

-- how far apart: 3 times and a third of the shop's are equally far. None at all would be infinitely
-- far and is seldom what matters most: it counts as half the shop's …
measured as (

    select
        *,
        abs(ln(case when trait_value > 0 then ratio_to_shop else 0.5e0 end)) as distance
    from compared

),

-- … and comes first only where there is nothing else to say
led as (

    select
        *,
        row_number() over (
            partition by shop, segmentation, segment
            order by case when trait_value > 0 then 0 else 1 end, distance desc, trait asc
        ) as lead_rank
    from measured

),

ranked as (

    select
        *,
        row_number() over (
            partition by shop, segmentation, segment
            order by case when lead_rank = 1 then 0 else 1 end, distance desc, trait asc
        ) as trait_rank
    from led

),

worded as (

    select
        shop,
        segmentation,
        segment,
        trait,
        {{ trait_words('trait', 'trait_value', 'shop_value') }} as words,
        trait_value,
        shop_value,
        trait_rank
    from ranked

)

select * from worded
