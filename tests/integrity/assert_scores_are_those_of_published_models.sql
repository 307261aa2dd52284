-- A score without a published model, or a published model without scores, is an error.
{% set models = {
    'high_value': 'high_value_probability', 'churn': 'churn_probability',
    'lifetime_value': 'expected_purchase_days',
} -%}

with

counted as (

    {% for model, column in models.items() %}
    select
        shop,
        '{{ model }}' as model,
        count({{ column }}) as scores
    from {{ ref('patronage', 'customers') }}
    group by shop
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

)

select
    counted.shop,
    counted.model,
    counted.scores,
    models.is_published
from counted
inner join {{ ref('int_model_publication') }} as models
    on counted.shop = models.shop and counted.model = models.model
where models.is_published <> (counted.scores > 0)
