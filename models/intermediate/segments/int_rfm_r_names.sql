with

clusters as (

    select * from {{ ref('int_cluster_figures') }}
    where segmentation = 'rfm_r'

),

found_returns_most as (

    select
        *,
        -- null where the segmentation is fitted without return rates
        coalesce(return_rate_pct_centre > 0 and mostly_returns, false)
        and {{ is_first_of_rest('return_rate_pct_centre desc', []) }} as returns_most
    from clusters

),

found_spends_most as (

    select
        *,
        {{ is_first_of_rest('revenue_per_customer desc', ['returns_most']) }} as spends_most
    from found_returns_most

),

found_is_away_longest as (

    select
        *,
        {{ is_first_of_rest('median_recency_days desc', ['returns_most', 'spends_most']) }}
            as is_away_longest
    from found_spends_most

),

found_spends_second as (

    select
        *,
        {{ is_first_of_rest(
            'revenue_per_customer desc', ['returns_most', 'spends_most', 'is_away_longest'],
        ) }} as spends_second
    from found_is_away_longest

),

named as (

    select
        shop,
        segmentation,
        cluster_id,
        case
            -- outside the fit: money or goods went back, whatever the rest looks like
            when cluster_id <= 0 and mostly_returns then 'High Returners'
            -- outside the fit: nothing paid since long, as the window of var rfm_window_days has it
            when cluster_id <= 0 and is_away then 'Churned/Inactive'
            -- outside the fit: nothing paid
            when cluster_id <= 0 then 'No Revenue'
            -- the cluster that returns most, if most of its customers returned something
            when returns_most then 'High Returners'
            -- of the rest, the cluster that spends most per customer, if it came back to do so
            when spends_most and orders_again then 'VIP Whales'
            -- then the cluster whose last purchase lies back longest, and longer than the shop's
            when is_away_longest and is_away then 'Churned/Inactive'
            -- then the cluster that spends most, if it orders again and is not overdue
            when spends_second and orders_again and not is_overdue then 'Steady Customers'
            -- whoever came later than the shop's other customers, and lately
            when is_new then 'New/Occasional'
            -- whoever is left is called what it is
            else {{ plain_segment_name() }}
        end as segment
    from found_spends_second

)

select * from named
