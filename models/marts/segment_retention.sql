with

retention_months as (

    select * from {{ ref('int_segment_retention_months') }}

),

-- each month-end is a start of its own: a customer counts once for every one in the segment
summed as (

    select
        shop,
        segmentation,
        segment,
        months_after,
        count(*) as month_ends,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers,
        cast(sum(active_customers) as {{ dbt.type_bigint() }}) as active_customers
    from retention_months
    group by shop, segmentation, segment, months_after

),

shared as (

    select
        *,
        {{ share_pct('active_customers', 'customers') }} as retention_pct
    from summed

)

select * from shared
