with

centroids as (

    select * from {{ ref('segment_centroids') }}

),

combined as (

    select
        shop,
        segmentation,
        cluster_id,
        recency_days_centre,
        return_rate_pct_centre,
        frequency_centre / frequency_scale as frequency_centre,
        monetary_centre / monetary_scale as monetary_centre,
        -- in standard units, so that neither outweighs the other
        frequency_centre / frequency_scale + monetary_centre / monetary_scale as value_centre
    from centroids
    union all
    -- the customers outside the fit, who returned all they bought or bought nothing
    select distinct
        shop,
        segmentation,
        0 as cluster_id,
        cast(null as double) as recency_days_centre,
        cast(null as double) as return_rate_pct_centre,
        cast(null as double) as frequency_centre,
        cast(null as double) as monetary_centre,
        cast(null as double) as value_centre
    from centroids

)

select * from combined
