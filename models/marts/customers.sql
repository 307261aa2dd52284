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

customer_segments as (

    select * from {{ ref('int_customer_segments') }}

),

customer_reasons as (

    select * from {{ ref('int_customer_reasons') }}

),

{% set figure, money = 'decimal(18, 6)', money_type() %}
customer_past_revenues as (

    select * from {{ of_these_orders('int_customer_past_revenues', {'past_revenue': money}) }}

),

customer_predictions as (

    select * from {{ of_these_orders('int_customer_predictions', {
        'high_value_probability': figure, 'churn_probability': figure, 'alive_probability': figure,
        'expected_purchase_days': figure, 'expected_revenue': money,
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
        customer_scores.rfm_code,
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
        {{ rounded('customer_rfm.matched_return_rate_pct', 2) }} as matched_return_rate_pct,
        {{ rounded('customer_rfm.shrunk_return_rate_pct', 2) }} as shrunk_return_rate_pct,
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
        {%- for name in customer_attributes() %} customer_attributes.{{ name }},{% endfor %}
        customer_rfm.as_of_date
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
    left join customer_attributes  -- noqa: ST11
        on
            customer_rfm.shop = customer_attributes.shop
            and customer_rfm.customer_id = customer_attributes.customer_id
    left join customer_segments as primary_segments
        on
            customer_rfm.shop = primary_segments.shop
            and customer_rfm.customer_id = primary_segments.customer_id
            and primary_segments.segmentation = '{{ var("primary_segmentation") }}'
    left join customer_segments as rule_segments
        on
            customer_rfm.shop = rule_segments.shop
            and customer_rfm.customer_id = rule_segments.customer_id
            and rule_segments.segmentation = 'rfm_rules'

)

select * from joined
