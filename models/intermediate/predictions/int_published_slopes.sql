with

slopes as (

    select * from {{ ref('int_logistic_slopes') }}
    where periods_ago = 0

),

published_models as (

    select
        shop,
        model
    from {{ ref('int_model_publication') }}
    where is_published

),

-- each number as the text of a literal that reads back as the same number, for the functions
written as (

    select
        slopes.shop,
        slopes.model,
        {% for feature in prediction_features() %}
        {{ text_of_double('slopes.' ~ feature ~ '_slope') }} as {{ feature }}_slope,
        {% endfor %}
        {{ text_of_double('slopes.intercept') }} as intercept
    from slopes
    inner join published_models
        on slopes.shop = published_models.shop and slopes.model = published_models.model

)

select * from written
