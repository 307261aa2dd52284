{% set primary = var('primary_segmentation') -%}

with

changes as (

    select
        shop,
        customer_id,
        first_month as month,
        previous_segment_{{ primary }} as previous_segment,
        segment_{{ primary }} as segment
    from {{ ref('int_segment_periods') }}
    where
        previous_segment_{{ primary }} <> '(new)'
        and segment_{{ primary }} <> previous_segment_{{ primary }}

),

last_months as (

    select
        shop,
        max(month) as last_month
    from {{ ref('int_month_ends') }}
    group by shop

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}
    where segmentation = '{{ primary }}'

),

latest as (

    select
        shop,
        customer_id,
        max(month) as moved_month
    from changes
    group by shop, customer_id

),

joined as (

    select
        changes.shop,
        changes.customer_id,
        changes.month as moved_month,
        changes.previous_segment,
        changes.segment,
        changes.month = last_months.last_month as is_last_month,
        -- segments are numbered from the best to the worst
        coalesce(meanings.segment_order > previous_meanings.segment_order, false) as is_worse
    from latest
    inner join changes
        on
            latest.shop = changes.shop
            and latest.customer_id = changes.customer_id
            and latest.moved_month = changes.month
    inner join last_months
        on changes.shop = last_months.shop
    left join meanings
        on changes.segment = meanings.segment
    left join meanings as previous_meanings
        on changes.previous_segment = previous_meanings.segment

)

select * from joined
