with

intervals as (

    select * from {{ ref('lifetime_intervals') }}

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
        {% for name in ['expected_purchase_days', 'expected_revenue'] %}
        {% for bound in ['', '_low', '_high'] %}
        cast(intervals.{{ name }}{{ bound }} as {{ money_type() }}) as {{ name }}{{ bound }},
        {% endfor %}
        {% endfor %}
        {{ money_ratio('intervals.expected_revenue', 'intervals.customers') }}
            as expected_revenue_per_customer
    from intervals
    inner join published_lifetimes
        on intervals.shop = published_lifetimes.shop

)

select * from rounded
