with

clusters as (

    select * from {{ ref('int_cluster_figures') }}
    where segmentation = 'rfm_behaviour'

),

found_spends_most as (

    select
        *,
        {{ is_first_of_rest('revenue_per_customer desc', []) }} as spends_most
    from clusters

),

found_is_away_longest as (

    select
        *,
        {{ is_first_of_rest('median_recency_days desc', ['spends_most']) }} as is_away_longest
    from found_spends_most

),

named as (

    select
        shop,
        segmentation,
        cluster_id,
        case
            -- outside the fit: nothing kept
            when cluster_id <= 0 then 'Churn Risk'
            -- the cluster that spends most per customer, if it came back to do so
            when spends_most and orders_again then 'Loyal High-Value'
            -- of the rest, the cluster away longest, and longer than the shop's customers
            when is_away_longest and is_away then 'Churn Risk'
            -- whoever came lately, and is not away: few orders, but present
            when is_new then 'Potential Loyalists'
            -- whoever orders again, and is not overdue
            when orders_again and not is_overdue then 'Occasional Buyers'
            -- whoever is left is called what it is
            else {{ plain_segment_name() }}
        end as segment
    from found_is_away_longest

)

select * from named
