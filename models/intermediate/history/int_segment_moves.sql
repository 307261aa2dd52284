with

spells as (

    select * from {{ ref('int_segment_spells') }}

),

month_end_revenue as (

    select * from {{ ref('int_month_end_revenue') }}

),

-- counted before they are spread over their months, which are many
counted as (

    select
        shop,
        segmentation,
        previous_segment,
        segment,
        first_month,
        last_month,
        count(*) as customers
    from spells
    group by shop, segmentation, previous_segment, segment, first_month, last_month

),

spread as (

    select
        *,
        {{ each_month('first_month', 'last_month') }} as month
    from counted

),

-- after its first month, a spell leads from a segment to itself
moved as (

    select
        shop,
        segmentation,
        month,
        case when month = first_month then previous_segment else segment end as from_segment,
        segment as to_segment,
        customers,
        0 as revenue_before,
        0 as revenue_after
    from spread
    union all
    select
        spells.shop,
        spells.segmentation,
        month_end_revenue.month,
        case
            when month_end_revenue.month = spells.first_month then spells.previous_segment
            else spells.segment
        end as from_segment,
        spells.segment as to_segment,
        0 as customers,
        month_end_revenue.revenue_before,
        month_end_revenue.revenue_after
    from spells
    inner join month_end_revenue
        on
            spells.shop = month_end_revenue.shop
            and spells.customer_id = month_end_revenue.customer_id
            and month_end_revenue.month between spells.first_month and spells.last_month

),

summed as (

    select
        shop,
        segmentation,
        month,
        from_segment,
        to_segment,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers,
        cast(sum(revenue_before) as {{ money_type() }}) as revenue_before,
        cast(sum(revenue_after) as {{ money_type() }}) as revenue_after
    from moved
    group by shop, segmentation, month, from_segment, to_segment

)

select * from summed
