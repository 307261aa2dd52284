with

clusters as (

    select * from {{ ref('int_cluster_centres') }}
    where segmentation = 'rfm_value'

),

found_spends_most as (

    select
        *,
        {{ is_first_of_rest('monetary_centre desc', []) }} as spends_most
    from clusters

),

found_orders_most as (

    select
        *,
        {{ is_first_of_rest('frequency_centre desc', ['spends_most']) }} as orders_most
    from found_spends_most

),

found_is_away_longest as (

    select
        *,
        {{ is_first_of_rest('recency_days_centre desc', ['spends_most', 'orders_most']) }}
            as is_away_longest
    from found_orders_most

),

named as (

    select
        shop,
        segmentation,
        cluster_id,
        case
            -- outside the fit: nothing kept
            when cluster_id = 0 then 'Dormant Low-Value'
            -- the cluster that spends most
            when spends_most then 'High-Ticket Buyers'
            -- of the rest, the cluster that orders most often
            when orders_most then 'Repeat Buyers'
            -- then the cluster whose last purchase lies back longest
            when is_away_longest then 'Dormant Low-Value'
            -- whoever is left bought little, lately
            else 'Recent Low-Value'
        end as segment
    from found_is_away_longest

)

select * from named
