with

combined as (

    select
        shop,
        segmentation,
        customer_id,
        segment,
        cluster_id,
        confidence,
        second_nearest_segment
    from {{ ref('int_customer_clusters') }}
    union all
    -- a rule knows no cluster and no doubt
    select
        shop,
        segmentation,
        customer_id,
        segment,
        cast(null as integer) as cluster_id,
        cast(null as double) as confidence,
        cast(null as {{ dbt.type_string() }}) as second_nearest_segment
    from {{ ref('int_customer_rule_segments') }}

)

select * from combined
