{{ config(pre_hook='{{ describe_attributes() }}') }}
with

customer_rfm as (

    select * from {{ ref('int_customer_rfm') }}

),

customer_scores as (

    select * from {{ ref('int_customer_scores') }}

),

customer_attributes as (

    select * from {{ ref('int_customer_attributes') }}

),

primary_segments as (

    select * from {{ ref('int_customer_segments') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

rule_segments as (

    select * from {{ ref('int_customer_segments') }}
    where segmentation = 'rfm_rules'

),

customer_reasons as (

    select * from {{ ref('int_customer_reasons') }}

),

customer_past_revenues as (

    select *
    from {{ of_these_orders('int_customer_past_revenues', {
        'shop': dbt.type_string(),
        'customer_id': dbt.type_string(),
        'past_revenue': money_type(),
    }) }}

),

customer_predictions as (

    select *
    from {{ of_these_orders('int_customer_predictions', {
        'shop': dbt.type_string(),
        'customer_id': dbt.type_string(),
        'high_value_probability': 'decimal(18, 6)',
        'churn_probability': 'decimal(18, 6)',
        'alive_probability': 'decimal(18, 6)',
        'expected_purchase_days': 'decimal(18, 6)',
        'expected_revenue': money_type(),
    }) }}

),

joined as (

    select
        customer_rfm.shop,
        customer_rfm.customer_id,
        customer_rfm.country,
        customer_rfm.state,
        primary_segments.segment,
        rule_segments.segment as rule_segment,
        concat(
            customer_scores.recency_score,
            customer_scores.frequency_score,
            customer_scores.monetary_score
        ) as rfm_code,
        customer_reasons.segment_reason,
        customer_rfm.recency_days,
        customer_rfm.frequency,
        customer_rfm.monetary,
        {{ money_ratio('customer_rfm.gross_revenue', 'customer_rfm.frequency') }}
            as average_order_value,
        customer_rfm.gross_revenue,
        customer_rfm.returned_revenue,
        customer_rfm.units_purchased,
        customer_rfm.units_returned,
        customer_rfm.return_rate_pct,
        {{ rounded('customer_rfm.matched_return_rate_pct', 2) }}
            as matched_return_rate_pct,
        {{ rounded('customer_rfm.shrunk_return_rate_pct', 2) }}
            as shrunk_return_rate_pct,
        customer_scores.recency_score,
        customer_scores.frequency_score,
        customer_scores.monetary_score,
        customer_rfm.is_premium,
        customer_predictions.high_value_probability,
        customer_predictions.churn_probability,
        customer_predictions.alive_probability,
        customer_predictions.expected_purchase_days,
        customer_predictions.expected_revenue,
        customer_past_revenues.past_revenue,
        customer_rfm.first_ordered_on,
        customer_rfm.last_ordered_on,
        customer_rfm.as_of_date
        {%- for name in customer_attributes() %},
        customer_attributes.{{ name }}
        {%- endfor %}
    from customer_rfm
    inner join customer_scores
        on
            customer_rfm.shop = customer_scores.shop
            and customer_rfm.customer_id = customer_scores.customer_id
    inner join customer_reasons
        on
            customer_rfm.shop = customer_reasons.shop
            and customer_rfm.customer_id = customer_reasons.customer_id
    left join customer_predictions
        on
            customer_rfm.shop = customer_predictions.shop
            and customer_rfm.customer_id = customer_predictions.customer_id
    left join customer_past_revenues
        on
            customer_rfm.shop = customer_past_revenues.shop
            and customer_rfm.customer_id = customer_past_revenues.customer_id
    left join customer_attributes
        on
            customer_rfm.shop = customer_attributes.shop
            and customer_rfm.customer_id = customer_attributes.customer_id
    left join primary_segments
        on
            customer_rfm.shop = primary_segments.shop
            and customer_rfm.customer_id = primary_segments.customer_id
    left join rule_segments
        on
            customer_rfm.shop = rule_segments.shop
            and customer_rfm.customer_id = rule_segments.customer_id

)

select * from joined
