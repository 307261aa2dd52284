with

fits as (

    select * from {{ ref('logistic_fits') }}
    where periods_ago = 0
    union all
    select * from {{ ref('descriptive_fits') }}

),

publication as (

    select * from {{ ref('int_model_publication') }}

),

rounded as (

    select
        fits.shop,
        fits.model,
        fits.feature,
        {% for name in ['coefficient', 'coefficient_low', 'coefficient_high'] %}
        cast(fits.{{ name }} as decimal(18, 6)) as {{ name }},
        {% endfor %}
        {% for name in ['coefficient', 'coefficient_low', 'coefficient_high'] %}
        case
            when fits.feature <> 'intercept'
                then cast(exp(least(fits.{{ name }}, 20)) as decimal(18, 6))
        end as {{ name | replace('coefficient', 'odds_ratio') }},
        {% endfor %}
        case
            when fits.feature <> 'intercept'
                then cast(exp(least(fits.coefficient_alone, 20)) as decimal(18, 6))
        end as odds_ratio_alone,
        cast(fits.variance_inflation as decimal(18, 6)) as variance_inflation,
        cast(fits.centre as decimal(18, 6)) as feature_mean,
        cast(fits.scale as decimal(18, 6)) as feature_standard_deviation,
        fits.training_rows,
        fits.positives,
        publication.is_published
    from fits
    inner join publication
        on fits.shop = publication.shop and fits.model = publication.model

)

select * from rounded
