with

customers as (

    select * from {{ ref('int_customer_habits') }}

),

customer_scores as (

    select * from {{ ref('int_customer_scores') }}

),

predictions as (

    select * from {{ ref('int_customer_predictions') }}

),

past_revenues as (

    select * from {{ ref('int_customer_past_revenues') }}

),

primary_segments as (

    select * from {{ ref('int_customer_segments') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

segment_leaving as (

    select * from {{ ref('int_segment_leaving') }}

),

joined as (

    select
        customers.shop,
        customers.customer_id,
        predictions.churn_probability,
        1 - predictions.alive_probability as gone_probability,
        segment_leaving.stayed_away,
        -- middle of the fifth of the shop's customers: .9 for those away longest, .1 for the latest
        1.1 - customer_scores.recency_score / 5.0e0 as away_share,
        predictions.expected_revenue,
        past_revenues.past_revenue,
        -- without orders nobody knows which year the money is of
        cast(customers.monetary as double) * {{ var('lifetime_horizon_days') }}
        / greatest(customers.tenure_days, {{ var('lifetime_horizon_days') }}) as yearly_revenue
    from customers
    inner join customer_scores
        on
            customers.shop = customer_scores.shop
            and customers.customer_id = customer_scores.customer_id
    left join predictions
        on
            customers.shop = predictions.shop
            and customers.customer_id = predictions.customer_id
    left join past_revenues
        on
            customers.shop = past_revenues.shop
            and customers.customer_id = past_revenues.customer_id
    left join primary_segments
        on
            customers.shop = primary_segments.shop
            and customers.customer_id = primary_segments.customer_id
    left join segment_leaving
        on
            primary_segments.shop = segment_leaving.shop
            and primary_segments.segment = segment_leaving.segment

),

-- the best that the shop's history gives, and which that is
estimated as (

    select
        shop,
        customer_id,
        {{ rounded(
            'coalesce(churn_probability, gone_probability, stayed_away, away_share)', 6
        ) }} as leaving_probability,
        case
            when churn_probability is not null then 'churn model'
            when gone_probability is not null then 'lifetime model'
            when stayed_away is not null then 'segment outlook'
            when away_share is not null then 'recency score'
        end as leaving_basis,
        cast(coalesce(expected_revenue, past_revenue, yearly_revenue) as {{ money_type() }})
            as revenue_ahead,
        case
            when expected_revenue is not null then 'lifetime model'
            when past_revenue is not null then 'past revenue'
            else 'average revenue'
        end as revenue_basis
    from joined

),

multiplied as (

    select
        *,
        {{ rounded(
            'cast(leaving_probability as double) * cast(revenue_ahead as double)', 2
        ) }} as money_at_stake
    from estimated

)

select * from multiplied
