with

fits as (

    select * from {{ ref('logistic_fits') }}

),

pivoted as (

    select
        shop,
        model,
        periods_ago,
        {% for feature in prediction_features() %}
        max(case when feature = '{{ feature }}' then slope end) as {{ feature }}_slope,
        {% endfor %}
        max(case when feature = 'intercept' then slope end) as intercept
    from fits
    group by shop, model, periods_ago

)

select * from pivoted
