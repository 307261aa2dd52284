with

rankings as (

    select * from {{ ref('int_cutoff_rankings') }}

),

-- a model may lack a fit at some cutoffs: each ranking stands beside past spend at its own
compared as (

    select
        rankings.*,
        baselines.gini as monetary_gini
    from rankings
    inner join rankings as baselines
        on
            rankings.shop = baselines.shop
            and rankings.periods_ago = baselines.periods_ago
            and baselines.kind = 'figure'
            and baselines.ranking = 'monetary'

),

-- every cutoff counts alike, whatever was spent after it
averaged as (

    select
        shop,
        kind,
        ranking,
        count(*) as cutoffs,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers,
        {% for name in ['gini', 'monetary_gini', 'top_10_share', 'top_20_share'] %}
        cast(sum({{ name }}) as double) / nullif(count({{ name }}), 0) as {{ name }},
        {% endfor %}
        min(gini) as lowest_gini,
        max(gini) as highest_gini
    from compared
    group by shop, kind, ranking

),

rounded as (

    select
        shop,
        kind,
        ranking,
        cutoffs,
        customers,
        {% for name in ['gini', 'lowest_gini', 'highest_gini', 'monetary_gini'] %}
        {{ rounded(name, 6) }} as {{ name }},
        {% endfor %}
        {{ share_pct('top_10_share', '1') }} as top_10_revenue_pct,
        {{ share_pct('top_20_share', '1') }} as top_20_revenue_pct,
        kind = 'segmentation' and ranking = '{{ var("primary_segmentation") }}' as is_primary
    from averaged

)

select * from rounded
