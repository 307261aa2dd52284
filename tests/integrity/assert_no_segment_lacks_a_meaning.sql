-- Whoever reads a segment also reads what to do with it; a new name needs its row in
-- segment_meanings or its text in var segmentations.
select
    shop,
    segmentation,
    segment
from {{ ref('patronage', 'segments') }}
where
    segment <> 'Unsegmented'
    and (recommended_actions is null or watchouts is null)
