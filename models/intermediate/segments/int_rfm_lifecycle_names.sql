with

clusters as (

    select * from {{ ref('int_cluster_centres') }}
    where segmentation = 'rfm_lifecycle'

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
            when cluster_id = 0 then 'Hibernating Customers'
            -- the cluster that orders most often and spends most
            when is_worth_most then 'Champions'
            -- of the rest, the cluster whose last purchase lies back longest
            when is_away_longest then 'Hibernating Customers'
            -- then the cluster that bought last
            when is_most_recent then 'Loyal Customers'
            -- whoever is left has been away longer than they should
            else 'At-Risk Customers'
        end as segment
    from found_is_most_recent

)

select * from named
