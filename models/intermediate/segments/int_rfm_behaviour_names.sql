with

clusters as (

    select * from {{ ref('int_cluster_centres') }}
    where segmentation = 'rfm_behaviour'

),

found_is_worth_most as (

    select
        *,
        {{ is_first_of_rest('value_centre desc', []) }} as is_worth_most
    from clusters

),

found_is_away_longest as (

    select
        *,
        {{ is_first_of_rest('recency_days_centre desc', ['is_worth_most']) }} as is_away_longest
    from found_is_worth_most

),

found_is_most_recent as (

    select
        *,
        {{ is_first_of_rest('recency_days_centre asc', ['is_worth_most', 'is_away_longest']) }}
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
            when cluster_id = 0 then 'Churn Risk'
            -- the cluster that orders most often and spends most
            when is_worth_most then 'Loyal High-Value'
            -- of the rest, the cluster whose last purchase lies back longest
            when is_away_longest then 'Churn Risk'
            -- then the cluster that bought last: still few orders, but present
            when is_most_recent then 'Potential Loyalists'
            -- whoever is left comes now and then
            else 'Occasional Buyers'
        end as segment
    from found_is_most_recent

)

select * from named
