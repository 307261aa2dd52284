{% set models = ['high_value', 'churn', 'lifetime_value', 'descriptive'] -%}

with

shops as (

    select
        shop,
        shop not in ({{ customer_shops() }}) as has_orders
    from {{ ref('int_as_of_dates') }}

),

models as (

    {% for model in models %}
    select '{{ model }}' as model
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

-- descriptive is missing here: it is never published, and nothing waits for its fit
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
        shops.has_orders,
        fits.shop is not null as is_fitted
    from shops
    cross join models
    left join fits
        on shops.shop = fits.shop and models.model = fits.model

)

select * from joined
