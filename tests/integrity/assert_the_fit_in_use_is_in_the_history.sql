-- What customers are scored with today can be found, and scored with again, later.
select
    centroids.shop,
    centroids.segmentation,
    centroids.cluster_id
from {{ ref('segment_centroids') }} as centroids
left join {{ ref('segment_fit_history') }} as history
    on
        centroids.fit_id = history.fit_id
        and centroids.cluster_id = history.cluster_id
        and centroids.monetary_centre is not distinct from history.monetary_centre
        and centroids.monetary_scale is not distinct from history.monetary_scale
where history.fit_id is null
