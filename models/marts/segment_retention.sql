with

followups as (

    select * from {{ ref('int_segment_followups') }}

),

-- each month-end is a start of its own: a customer counts once for every one in the segment
summed as (

    select
        shop,
        segmentation,
        segment,
        period,
        count(*) as month_ends,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers,
        cast(sum(active_customers) as {{ dbt.type_bigint() }}) as active_customers
    from followups
    group by shop, segmentation, segment, period

),

shared as (

    select
        *,
        {{ percentage('active_customers', 'customers') }} as retention_pct
    from summed

)

select * from shared
