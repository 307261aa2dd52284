-- Equal values score equally: no value lies inside the range of two scores.
select
    lower_score.shop,
    lower_score.measure,
    lower_score.score
from {{ ref('patronage', 'score_edges') }} as lower_score
inner join {{ ref('patronage', 'score_edges') }} as higher_score
    on
        lower_score.shop = higher_score.shop
        and lower_score.measure = higher_score.measure
        and lower_score.score < higher_score.score
where
    (
        lower_score.measure = 'recency_days'
        and lower_score.lowest_value <= higher_score.highest_value
    )
    or (
        lower_score.measure <> 'recency_days'
        and lower_score.highest_value >= higher_score.lowest_value
    )
