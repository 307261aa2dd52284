{% set segments = segmentation_columns('segment') -%}

with

periods as (

    select * from {{ ref('int_segment_periods') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

),

purchases as (

    select
        shop,
        customer_id,
        month as purchase_month,
        {{ add_months(-months_followed(), 'month') }} as earliest_month
    from {{ ref('int_customer_months') }}
    where orders > 0

),

-- a month with a purchase is seen from its own end and the ends of the twelve months before: from
-- those that lie in the period
seen as (

    select
        periods.*,
        purchases.purchase_month,
        greatest(periods.first_month, purchases.earliest_month) as first_seen_month,
        least(periods.last_month, purchases.purchase_month) as last_seen_month
    from periods
    inner join purchases
        on
            periods.shop = purchases.shop
            and periods.customer_id = purchases.customer_id
            and periods.first_month <= purchases.purchase_month
            and periods.last_month >= purchases.earliest_month

),

-- counted before they are spread over their months, which are many
counted as (

    select
        shop,
        {{ segments | join(',\n        ') }},
        purchase_month,
        first_seen_month,
        last_seen_month,
        count(*) as customers
    from seen
    group by shop, {{ segments | join(', ') }}, purchase_month, first_seen_month, last_seen_month

),

spread as (

    select
        *,
        {{ each_month('first_seen_month', 'last_seen_month') }} as month
    from counted

),

placed as (

    select
        spread.shop,
        segmentations.segmentation,
        {{ column_of_segmentation('segment') }} as segment,
        spread.month,
        spread.purchase_month,
        spread.customers
    from spread
    inner join segmentations
        on spread.shop = segmentations.shop

),

summed as (

    select
        shop,
        segmentation,
        segment,
        month,
        purchase_month,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers
    from placed
    group by shop, segmentation, segment, month, purchase_month

)

select * from summed
