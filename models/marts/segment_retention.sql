with

retention_months as (

    select * from {{ ref('int_segment_retention_months') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

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
        summed.*,
        {{ share_pct('summed.active_customers', 'summed.customers') }} as retention_pct,
        meanings.segment_order,
        meanings.segment_colour,
        summed.segmentation = '{{ var("primary_segmentation") }}' as is_primary
    from summed
    left join meanings
        on
            summed.segmentation = meanings.segmentation
            and summed.segment = meanings.segment

)

select * from shared
