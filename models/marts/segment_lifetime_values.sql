with

intervals as (

    select * from {{ ref('lifetime_intervals') }}

),

errors as (

    select
        shop,
        max(outcomes) as outcomes,
        max(case when figure = 'purchase_days' then log_error end) as purchase_days_error,
        max(case when figure = 'revenue' then log_error end) as revenue_error
    from {{ ref('int_lifetime_errors') }}
    group by shop

),

published_lifetimes as (

    select shop from {{ ref('int_model_publication') }}
    where model = 'lifetime_value' and is_published

),

rounded as (

    select
        intervals.shop,
        intervals.segment,
        intervals.customers,
        -- the choice of customers, and what past forecasts were off by
        {% for name in ['purchase_days', 'revenue'] %}
        cast(intervals.expected_{{ name }} as {{ money_type() }}) as expected_{{ name }},
        cast(
            intervals.expected_{{ name }}_low
            * exp(-coalesce(cast(errors.{{ name }}_error as double), 0)) as {{ money_type() }}
        ) as expected_{{ name }}_low,
        cast(
            intervals.expected_{{ name }}_high
            * exp(coalesce(cast(errors.{{ name }}_error as double), 0)) as {{ money_type() }}
        ) as expected_{{ name }}_high,
        {% endfor %}
        {{ money_ratio('intervals.expected_revenue', 'intervals.customers') }}
            as expected_revenue_per_customer,
        coalesce(errors.outcomes, 0) as backtest_outcomes
    from intervals
    inner join published_lifetimes
        on intervals.shop = published_lifetimes.shop
    left join errors
        on intervals.shop = errors.shop

)

select * from rounded
