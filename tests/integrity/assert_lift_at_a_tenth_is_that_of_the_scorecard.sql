-- Of the customers with the highest tenth of the scores, lift and scorecard say the same.
with

lift as (

    select * from {{ ref('patronage', 'prediction_lift') }}
    where top_pct = 10

),

scorecard as (

    select * from {{ ref('patronage', 'model_scorecard') }}
    where cutoff_on is not null

)

select
    lift.shop,
    lift.model,
    lift.cutoff_on,
    lift.scorer
from lift
left join scorecard
    on
        lift.shop = scorecard.shop
        and lift.model = scorecard.model
        and lift.cutoff_on = scorecard.cutoff_on
where
    (
        lift.scorer = 'model'
        and abs(lift.lift - coalesce(scorecard.lift_at_10_pct, -1)) > 0.00001
    )
    or (
        lift.scorer = 'recency'
        and abs(lift.lift - coalesce(scorecard.recency_lift_at_10_pct, -1)) > 0.00001
    )
