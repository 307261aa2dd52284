with

clusters as (

    select * from {{ ref('int_cluster_centres') }}
    where segmentation = 'rfm_r'

),

found_returns_most as (

    select
        *,
        -- null where the segmentation is fitted without return rates
        coalesce(return_rate_pct_centre > 0, false)
        and {{ is_first_of_rest('return_rate_pct_centre desc', []) }} as returns_most
    from clusters

),

found_is_worth_most as (

    select
        *,
        {{ is_first_of_rest('value_centre desc', ['returns_most']) }} as is_worth_most
    from found_returns_most

),

found_is_away_longest as (

    select
        *,
        {{ is_first_of_rest('recency_days_centre desc', ['returns_most', 'is_worth_most']) }}
            as is_away_longest
    from found_is_worth_most

),

found_is_worth_second as (

    select
        *,
        {{ is_first_of_rest(
            'value_centre desc', ['returns_most', 'is_worth_most', 'is_away_longest'],
        ) }} as is_worth_second
    from found_is_away_longest

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
    from found_is_worth_second

)

select * from named
