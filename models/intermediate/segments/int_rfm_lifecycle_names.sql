with

clusters as (

    select * from {{ ref('int_cluster_figures') }}
    where segmentation = 'rfm_lifecycle'

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

found_is_most_recent as (

    select
        *,
        {{ is_first_of_rest('median_recency_days asc', ['spends_most', 'is_away_longest']) }}
            as is_most_recent
    from found_is_away_longest

),

named as (

    select
        shop,
        segmentation,
        cluster_id,
        case
            -- outside the fit: nothing kept
            when cluster_id <= 0 then 'Hibernating Customers'
            -- the cluster that spends most per customer, if it came back to do so
            when spends_most and orders_again then 'Champions'
            -- of the rest, the cluster away longest, and longer than the shop's customers
            when is_away_longest and is_away then 'Hibernating Customers'
            -- then the cluster that bought last, if it orders again and is not overdue
            when is_most_recent and orders_again and not is_overdue then 'Loyal Customers'
            -- whoever orders again and has been away longer than the Loyal, worth more or not
            when orders_again and not is_most_recent and not spends_most then 'At-Risk Customers'
            -- whoever is left is called what it is
            else {{ plain_segment_name() }}
        end as segment
    from found_is_most_recent

)

select * from named
