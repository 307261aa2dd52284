-- A name that says what its customers do next is held against what customers did next. It only
-- warns: a shop may have a season in which its best customers stay away.
{{ config(severity='warn') }}

with

outlook as (

    select
        segment_outlook.shop,
        segment_outlook.segmentation,
        segment_outlook.segment,
        meanings.outlook_claim,
        segment_outlook.customers,
        segment_outlook.bought_again_lower_pct,
        segment_outlook.bought_again_pct,
        segment_outlook.bought_again_upper_pct,
        segment_outlook.next_revenue_per_customer
    from {{ ref('patronage', 'segment_outlook') }} as segment_outlook
    left join {{ ref('int_segment_meanings') }} as meanings
        on
            segment_outlook.segmentation = meanings.segmentation
            and segment_outlook.segment = meanings.segment
    -- of fewer nothing can be said
    where segment_outlook.customers >= 100

),

compared as (

    select
        *,
        max(next_revenue_per_customer) over (partition by shop, segmentation)
            as most_revenue_per_customer,
        min(bought_again_upper_pct) over (partition by shop, segmentation)
            as least_bought_again_pct,
        sum(bought_again_pct * customers) over (partition by shop, segmentation)
        / sum(customers) over (partition by shop, segmentation) as shop_bought_again_pct
    from outlook

)

select * from compared
where
    (outlook_claim = 'buys_most' and next_revenue_per_customer < most_revenue_per_customer)
    or (outlook_claim = 'buys_again' and bought_again_upper_pct < shop_bought_again_pct)
    or (outlook_claim = 'buys_least' and bought_again_lower_pct > least_bought_again_pct)
