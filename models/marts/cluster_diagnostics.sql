with

diagnostic_fits as (

    select * from {{ ref('cluster_diagnostic_fits') }}

),

fits_in_use as (

    select
        shop,
        segmentation,
        count(*) as clusters,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers,
        min(customers) as smallest_cluster_customers
    from {{ ref('segment_centroids') }}
    group by shop, segmentation

),

fit_customers as (

    select
        shop,
        count(*) as customers
    from {{ ref('int_fit_customers') }}
    group by shop

),

-- each number of clusters is fitted anew to be measured; the fit in use is another one, of all
-- customers, and only its sizes are known here
joined as (

    select
        diagnostic_fits.*,
        fits_in_use.clusters is not null as is_in_use,
        fits_in_use.customers as fit_customers,
        {{ share_pct(
            'diagnostic_fits.smallest_cluster_customers', 'diagnostic_fits.customers',
        ) }} as smallest_cluster_pct,
        {{ share_pct('fits_in_use.smallest_cluster_customers', 'fits_in_use.customers') }}
            as fit_smallest_cluster_pct,
        diagnostic_fits.customers < fit_customers.customers as is_sample
    from diagnostic_fits
    inner join fit_customers
        on diagnostic_fits.shop = fit_customers.shop
    left join fits_in_use
        on
            diagnostic_fits.shop = fits_in_use.shop
            and diagnostic_fits.segmentation = fits_in_use.segmentation
            and diagnostic_fits.clusters = fits_in_use.clusters

),

judged as (

    select
        shop,
        segmentation,
        cast(clusters as integer) as clusters,
        case
            -- below 0.65 two clusterings agree poorly (Steinley 2004)
            when stability < 0.65
                then 'convenience cuts: another sample of customers would be cut differently'
            -- up to 0.25 there is no substantial structure (Kaufman and Rousseeuw 1990)
            when silhouette <= 0.25
                then 'convenience cuts: the borders repeat, but nothing separates the groups'
            -- a handful far from all others always comes out again, and far apart
            when least(smallest_cluster_pct, coalesce(fit_smallest_cluster_pct, 100)) < 1
                then 'outliers split off: the smallest group has less than 1 % of the customers'
            -- below 0.80 they agree moderately (Steinley 2004)
            when stability < 0.80
                then 'partly reproducible: another sample would move some of the borders'
            -- up to 0.50 the structure is weak (Kaufman and Rousseeuw 1990)
            when silhouette <= 0.50
                then 'reproducible, weakly separated: other samples give these groups, borders blur'
            -- stable and apart
            else 'reproducible clusters: other samples give these groups, and they lie apart'
        end as verdict,
        cast(customers as {{ dbt.type_bigint() }}) as customers,
        cast(inertia as decimal(18, 4)) as inertia,
        cast(silhouette as decimal(18, 6)) as silhouette,
        cast(calinski_harabasz as decimal(18, 6)) as calinski_harabasz,
        cast(davies_bouldin as decimal(18, 6)) as davies_bouldin,
        cast(stability as decimal(18, 6)) as stability,
        smallest_cluster_pct,
        fit_customers,
        fit_smallest_cluster_pct,
        is_elbow,
        is_best_silhouette,
        is_in_use,
        is_sample
    from joined

)

select * from judged
