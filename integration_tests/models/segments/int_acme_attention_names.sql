with

clusters as (

    select * from {{ ref('patronage', 'int_cluster_figures') }}
    where segmentation = 'acme_attention'

),

ranked as (

    select
        *,
        {{ patronage.is_first_of_rest('median_recency_days desc', []) }} as is_away_longest,
        {{ patronage.is_first_of_rest('orders_per_customer desc', []) }} as orders_most
    from clusters

),

named as (

    select
        shop,
        segmentation,
        cluster_id,
        case
            -- outside the fit, or away longest, and longer than the shop's customers
            when cluster_id <= 0 or (is_away_longest and is_away) then 'Silent'
            -- the cluster that orders most often, if most of it ordered twice
            when orders_most and orders_again then 'Regulars'
            -- what is left is called what it is
            else {{ patronage.plain_segment_name() }}
        end as segment
    from ranked

)

select * from named
