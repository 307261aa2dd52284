with

customers as (

    select * from {{ ref('int_cutoff_customers') }}

),

cutoff_segments as (

    select * from {{ ref('int_cutoff_segments') }}

),

figures as (

    select * from {{ ref('int_cutoff_segment_figures') }}

),

purchase_summaries as (

    select * from {{ ref('int_customer_purchase_summaries') }}

),

expectations as (

    select * from {{ ref('lifetime_expectations') }}

),

parameters as (

    select * from {{ ref('lifetime_parameters') }}
    where p is not null

),

published_lifetimes as (

    select shop from {{ ref('int_model_publication') }}
    where model = 'lifetime_value' and is_published

),

scored as (

    {% for ranking, expression in {
        'rfm_sum': 'recency_score + frequency_score + monetary_score',
        'monetary': 'monetary',
        'recency': '-recency_days',
    }.items() %}
    select
        shop,
        periods_ago,
        'figure' as kind,
        '{{ ranking }}' as ranking,
        customer_id,
        cast({{ expression }} as double) as score
    from customers
    union all
    {% endfor %}
    -- a segment is worth what its customers brought after the cutoff before: no later is known
    select
        cutoff_segments.shop,
        cutoff_segments.periods_ago,
        'segmentation' as kind,
        cutoff_segments.segmentation as ranking,
        cutoff_segments.customer_id,
        coalesce(cast(figures.next_revenue as double) / figures.customers, 0) as score
    from cutoff_segments
    left join figures
        on
            cutoff_segments.shop = figures.shop
            and cutoff_segments.periods_ago + 1 = figures.periods_ago
            and cutoff_segments.segmentation = figures.segmentation
            and cutoff_segments.segment = figures.segment
    union all
    -- as int_customer_predictions does it as of today
    select
        purchase_summaries.shop,
        purchase_summaries.periods_ago,
        'model' as kind,
        'lifetime_value' as ranking,
        purchase_summaries.customer_id,
        expectations.expected_purchase_days * {{ expected_order_value(
            'parameters', 'purchase_summaries.repeats + 1', 'purchase_summaries.mean_value'
        ) }} as score
    from purchase_summaries
    inner join published_lifetimes
        on purchase_summaries.shop = published_lifetimes.shop
    inner join parameters
        on
            purchase_summaries.shop = parameters.shop
            and purchase_summaries.periods_ago = parameters.periods_ago
    inner join expectations
        on
            purchase_summaries.shop = expectations.shop
            and purchase_summaries.periods_ago = expectations.periods_ago
            and purchase_summaries.repeats = expectations.repeats
            and purchase_summaries.last_time_days = expectations.last_time_days
            and purchase_summaries.age_days = expectations.age_days

)

select * from scored
