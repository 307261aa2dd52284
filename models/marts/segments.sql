with

figures as (

    select * from {{ ref('int_segment_figures') }}
    where segment <> '(shop)'

),

shops as (

    select * from {{ ref('int_segment_figures') }}
    where segment = '(shop)'

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}

),

key_traits as (

    select
        shop,
        segmentation,
        segment,
        {{ dbt.listagg("words", "'; '", "order by trait_rank") }} as key_traits
    from {{ ref('int_segment_traits') }}
    where trait_rank <= 5
    group by shop, segmentation, segment

),

compared as (

    select
        figures.shop,
        figures.segmentation,
        figures.segment,
        figures.customers,
        {{ share_pct('figures.customers', 'shops.customers') }} as customers_pct,
        figures.revenue,
        {{ share_pct('figures.revenue', 'shops.revenue') }} as revenue_pct,
        cast(
            figures.revenue
            - figures.units_returned
            * cast({{ var('handling_cost_per_returned_unit') }} as decimal(10, 4))
            - figures.return_orders
            * cast({{ var('handling_cost_per_return_order') }} as decimal(10, 4))
            as {{ money_type() }}
        ) as revenue_after_return_costs,
        figures.orders,
        figures.return_orders,
        figures.units_purchased,
        figures.units_returned,
        {{ money_ratio('figures.gross_revenue', 'figures.orders') }} as average_order_value,
        figures.median_recency_days,
        figures.median_frequency,
        {{ rounded('figures.median_monetary', 2) }} as median_monetary,
        {{ rounded(
            'figures.summed_matched_return_rate_pct / figures.customers', 2
        ) }} as mean_return_rate_pct,
        {{ difference_pct(
            'figures.gross_revenue / nullif(figures.orders, 0)', 'shops.gross_revenue / nullif(shops.orders, 0)'
        ) }} as average_order_value_difference_pct,
        {{ difference_pct('figures.median_recency_days', 'shops.median_recency_days') }}
            as median_recency_days_difference_pct,
        {{ difference_pct('figures.median_frequency', 'shops.median_frequency') }}
            as median_frequency_difference_pct,
        {{ difference_pct('figures.median_monetary', 'shops.median_monetary') }}
            as median_monetary_difference_pct,
        {{ difference_pct(
            'figures.summed_matched_return_rate_pct / figures.customers',
            'shops.summed_matched_return_rate_pct / shops.customers',
        ) }} as mean_return_rate_pct_difference_pct,
        coalesce(key_traits.key_traits, 'much like the whole shop') as key_traits,
        meanings.recommended_actions,
        meanings.watchouts,
        meanings.segment_order,
        meanings.segment_colour,
        meanings.is_returner,
        figures.segmentation = '{{ var("primary_segmentation") }}' as is_primary,
        as_of_dates.as_of_date
    from figures
    inner join shops
        on
            figures.shop = shops.shop
            and figures.segmentation = shops.segmentation
    inner join as_of_dates
        on figures.shop = as_of_dates.shop
    left join key_traits
        on
            figures.shop = key_traits.shop
            and figures.segmentation = key_traits.segmentation
            and figures.segment = key_traits.segment
    left join meanings
        on
            figures.segmentation = meanings.segmentation
            and figures.segment = meanings.segment

)

select * from compared
