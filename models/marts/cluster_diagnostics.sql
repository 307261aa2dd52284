with

diagnostic_fits as (

    select * from {{ ref('cluster_diagnostic_fits') }}

),

fits_in_use as (

    select
        shop,
        segmentation,
        count(*) as clusters
    from {{ ref('segment_centroids') }}
    group by shop, segmentation

),

judged as (

    select
        diagnostic_fits.shop,
        diagnostic_fits.segmentation,
        cast(diagnostic_fits.clusters as integer) as clusters,
        case
            -- below 0.65 two clusterings agree poorly (Steinley 2004)
            when diagnostic_fits.stability < 0.65
                then 'convenience cuts: another sample of customers would be cut differently'
            -- up to 0.25 there is no substantial structure (Kaufman and Rousseeuw 1990)
            when diagnostic_fits.silhouette <= 0.25
                then 'convenience cuts: the borders repeat, but nothing separates the groups'
            -- below 0.80 they agree moderately (Steinley 2004)
            when diagnostic_fits.stability < 0.80
                then 'partly reproducible: another sample would move some of the borders'
            -- up to 0.50 the structure is weak (Kaufman and Rousseeuw 1990)
            when diagnostic_fits.silhouette <= 0.50
                then 'reproducible, weakly separated: other samples give these groups, borders blur'
            -- stable and apart
            else 'reproducible clusters: other samples give these groups, and they lie apart'
        end as verdict,
        cast(diagnostic_fits.customers as {{ dbt.type_bigint() }}) as customers,
        cast(diagnostic_fits.inertia as decimal(18, 4)) as inertia,
        cast(diagnostic_fits.silhouette as decimal(18, 6)) as silhouette,
        cast(diagnostic_fits.calinski_harabasz as decimal(18, 6)) as calinski_harabasz,
        cast(diagnostic_fits.davies_bouldin as decimal(18, 6)) as davies_bouldin,
        cast(diagnostic_fits.stability as decimal(18, 6)) as stability,
        {{ percentage('diagnostic_fits.smallest_cluster_customers', 'diagnostic_fits.customers') }}
            as smallest_cluster_pct,
        diagnostic_fits.is_elbow,
        diagnostic_fits.is_best_silhouette,
        fits_in_use.clusters is not null as is_in_use
    from diagnostic_fits
    left join fits_in_use
        on
            diagnostic_fits.shop = fits_in_use.shop
            and diagnostic_fits.segmentation = fits_in_use.segmentation
            and diagnostic_fits.clusters = fits_in_use.clusters

)

select * from judged
