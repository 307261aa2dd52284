with

scores as (

    select * from {{ ref('int_cutoff_scores') }}

),

customers as (

    select * from {{ ref('int_cutoff_customers') }}

),

earlier_cutoffs as (

    select distinct
        shop,
        periods_ago
    from customers

),

-- equal scores are one group, whose customers share its revenue: none of them comes first
grouped as (

    select
        scores.shop,
        scores.periods_ago,
        scores.kind,
        scores.ranking,
        scores.score,
        count(*) as customers,
        -- from whom more came back than was bought, nothing came
        cast(sum(greatest(customers.next_revenue, 0)) as {{ money_type() }}) as next_revenue
    from scores
    inner join customers
        on
            scores.shop = customers.shop
            and scores.periods_ago = customers.periods_ago
            and scores.customer_id = customers.customer_id
    -- segmentations are ranked by the cutoff before, and all are compared at the same cutoffs
    inner join earlier_cutoffs
        on
            scores.shop = earlier_cutoffs.shop
            and scores.periods_ago + 1 = earlier_cutoffs.periods_ago
    group by scores.shop, scores.periods_ago, scores.kind, scores.ranking, scores.score

),

cumulated as (

    select
        *,
        sum(customers) over by_score as cumulative_customers,
        sum(next_revenue) over by_score as cumulative_revenue,
        sum(customers) over (partition by shop, periods_ago, kind, ranking) as all_customers
    from grouped
    window by_score as (
        partition by shop, periods_ago, kind, ranking
        order by score desc rows between unbounded preceding and current row
    )

),

summed as (

    select
        shop,
        periods_ago,
        kind,
        ranking,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers,
        cast(sum(next_revenue) as {{ money_type() }}) as next_revenue,
        -- of the group that a border divides, the part before it brings its part of the revenue
        {% for percent in [10, 20] %}
        cast(sum(cast(
            next_revenue * greatest(0, least(1, cast(
                {{ percent / 100 }} * all_customers - cumulative_customers + customers as double
            ) / customers)) as decimal(38, 8)
        )) as double) as top_{{ percent }}_revenue,
        {% endfor %}
        -- twice the area under the curve of cumulated revenue
        cast(sum(customers * (2 * cumulative_revenue - next_revenue)) as double) as twice_the_area
    from cumulated
    group by shop, periods_ago, kind, ranking

),

-- Gini's coefficient: twice the area between the curve and the diagonal
measured as (

    select
        shop,
        periods_ago,
        kind,
        ranking,
        customers,
        next_revenue,
        {{ rounded(
            'twice_the_area / nullif(customers * cast(next_revenue as double), 0) - 1', 9
        ) }} as gini,
        {{ rounded('top_10_revenue / nullif(next_revenue, 0)', 9) }} as top_10_share,
        {{ rounded('top_20_revenue / nullif(next_revenue, 0)', 9) }} as top_20_share
    from summed

)

select * from measured
