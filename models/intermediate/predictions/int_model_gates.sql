{% set models = ['high_value', 'churn', 'lifetime_value', 'descriptive'] -%}

with

shops as (

    select
        shop,
        as_of_date
    from {{ ref('int_as_of_dates') }}

),

models as (

    {% for model in models %}
    select '{{ model }}' as model
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

compared as (

    select * from {{ ref('int_model_comparisons') }}

),

fits as (

    select
        shop,
        model,
        cast(null as {{ dbt.type_string() }}) as problem
    from {{ ref('logistic_fits') }}
    where periods_ago = 0 and feature = 'intercept'
    union all
    select
        shop,
        'lifetime_value' as model,
        problem
    from {{ ref('lifetime_parameters') }}
    where periods_ago = 0

),

joined as (

    select
        shops.shop,
        models.model,
        fits.problem,
        compared.cutoffs,
        compared.highest_auc,
        fits.shop is not null as is_fitted,
        shops.shop not in ({{ customer_shops() }}) as has_orders,
        compared.auc,
        compared.baseline_auc,
        compared.auc > compared.baseline_auc as is_better
    from shops
    cross join models
    left join fits
        on shops.shop = fits.shop and models.model = fits.model
    left join compared
        on shops.shop = compared.shop and models.model = compared.model

),

judged as (

    select
        shop,
        model,
        case
            when model = 'descriptive'
                then 'not a prediction: who is in the most valuable cluster of the same days'
            when problem is not null
                then problem
            when not is_fitted
                then 'too little history: not enough customers with and without the label'
            -- its past cannot be rebuilt, but first and last day and the number of orders are there
            when cutoffs is null and model = 'lifetime_value' and not has_orders
                then 'published untested: the shop knows no orders, so that its past is not known'
            when cutoffs is null
                then 'too little history: no later cutoff to test the fit at'
            -- nobody foresees people that well: a feature has seen the label
            when highest_auc > 0.98
                then 'AUC above 0.98: a leak'
            when not is_better
                then concat(
                    'no better than a baseline: mean AUC ', {{ decimal_text('auc', 3) }},
                    ' against ', {{ decimal_text('baseline_auc', 3) }}
                )
            -- the model has earned its place
            else concat(
                'published: mean AUC ', {{ decimal_text('auc', 3) }},
                ' against ', {{ decimal_text('baseline_auc', 3) }}, ' of the better baseline'
            )
        end as reason
    from joined

),

decided as (

    select
        *,
        reason like 'published%' as is_published
    from judged

)

select * from decided
