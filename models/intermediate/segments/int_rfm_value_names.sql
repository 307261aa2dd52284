with

clusters as (

    select * from {{ ref('int_cluster_figures') }}
    where segmentation = 'rfm_value'

),

found_spends_most as (

    select
        *,
        {{ is_first_of_rest('revenue_per_customer desc', []) }} as spends_most
    from clusters

),

found_orders_most as (

    select
        *,
        {{ is_first_of_rest('orders_per_customer desc', ['spends_most']) }} as orders_most
    from found_spends_most

),

found_spends_less as (

    select
        *,
        revenue_per_customer < max(case when orders_most then revenue_per_customer end) over (
            partition by shop
        ) as spends_less
    from found_orders_most

),

named as (

    select
        shop,
        segmentation,
        cluster_id,
        case
            -- outside the fit: nothing kept
            when cluster_id <= 0 then 'Dormant Low-Value'
            -- the cluster that spends most per customer, if its orders are large
            when spends_most and has_large_orders then 'High-Ticket Buyers'
            -- of the rest, the cluster that orders most often, if most of it ordered again
            when orders_most and orders_again then 'Repeat Buyers'
            -- whoever spends less than those, and is away longer than the shop's customers
            when spends_less and is_away then 'Dormant Low-Value'
            -- whoever spends less than those, and bought lately
            when spends_less then 'Recent Low-Value'
            -- whoever is left is called what it is
            else {{ plain_segment_name() }}
        end as segment
    from found_spends_less

)

select * from named
