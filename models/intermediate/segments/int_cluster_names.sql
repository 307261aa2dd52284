with

centroids as (

    select
        shop,
        segmentation,
        cluster_id,
        recency_days_centre,
        return_rate_pct_centre,
        -- in standard units, so that neither outweighs the other
        frequency_centre / frequency_scale + monetary_centre / monetary_scale as value_centre
    from {{ ref('segment_centroids') }}

),

ranked_by_returns as (

    select
        *,
        return_rate_pct_centre > 0
        and row_number() over (
            partition by shop, segmentation order by return_rate_pct_centre desc, cluster_id asc
        ) = 1 as returns_most
    from centroids

),

ranked_by_value as (

    select
        *,
        not returns_most and row_number() over (
            partition by shop, segmentation, returns_most order by value_centre desc, cluster_id asc
        ) = 1 as is_worth_most
    from ranked_by_returns

),

ranked_by_recency as (

    select
        *,
        not returns_most and not is_worth_most and row_number() over (
            partition by shop, segmentation, returns_most, is_worth_most
            order by recency_days_centre desc, cluster_id asc
        ) = 1 as is_away_longest
    from ranked_by_value

),

ranked_by_rest as (

    select
        *,
        not returns_most and not is_worth_most and not is_away_longest and row_number() over (
            partition by shop, segmentation, returns_most, is_worth_most, is_away_longest
            order by value_centre desc, cluster_id asc
        ) = 1 as is_worth_second
    from ranked_by_recency

),

unfitted as (

    -- cluster 0: the customers outside the fit, who returned all they bought or bought nothing
    select distinct
        shop,
        segmentation,
        0 as cluster_id,
        false as returns_most,
        false as is_worth_most,
        false as is_away_longest,
        false as is_worth_second
    from centroids

),

all_clusters as (

    select
        shop,
        segmentation,
        cluster_id,
        returns_most,
        is_worth_most,
        is_away_longest,
        is_worth_second
    from ranked_by_rest
    union all
    select * from unfitted

),

named as (

    select
        shop,
        segmentation,
        cluster_id,
        case
            -- outside the fit: nothing kept, so money flows back whatever the rest looks like
            when cluster_id = 0 then 'High Returners'
            -- the cluster that returns most, if anything is returned at all
            when returns_most then 'High Returners'
            -- of the rest, the cluster that orders most often and spends most
            when is_worth_most then 'VIP Whales'
            -- then the cluster whose last purchase lies back longest
            when is_away_longest then 'Churned/Inactive'
            -- then again the cluster that orders most often and spends most
            when is_worth_second then 'Steady Customers'
            -- whoever is left came lately and rarely
            else 'New/Occasional'
        end as segment
    from all_clusters

)

select * from named
