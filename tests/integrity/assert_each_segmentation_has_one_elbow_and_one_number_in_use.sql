-- Of the numbers of clusters from 2 to 10 one is the elbow, one has the best silhouette, one is
-- used.
with

diagnostics as (

    select * from {{ ref('patronage', 'cluster_diagnostics') }}

),

fits as (

    select distinct
        shop,
        segmentation
    from {{ ref('segment_centroids') }}

)

select
    diagnostics.shop,
    diagnostics.segmentation
from diagnostics
left join fits
    on
        diagnostics.shop = fits.shop
        and diagnostics.segmentation = fits.segmentation
group by diagnostics.shop, diagnostics.segmentation, fits.shop
having
    count(*) <> 9
    or sum(case when diagnostics.is_elbow then 1 else 0 end) <> 1
    or sum(case when diagnostics.is_best_silhouette then 1 else 0 end) <> 1
    or sum(case when diagnostics.is_in_use then 1 else 0 end)
    <> case when fits.shop is null then 0 else 1 end
