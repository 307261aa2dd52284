with

customer_scores as (

    select * from {{ ref('int_customer_scores') }}

),

named as (

    {% for segmentation, config in segmentations().items() if config.method == 'rules' %}
    select
        shop,
        '{{ segmentation }}' as segmentation,
        customer_id,
        {{ rules_case(config.rules) }} as segment
    from customer_scores
    {{- '\n    union all' if not loop.last }}
    {% else %}
    select
        shop,
        cast(null as {{ dbt.type_string() }}) as segmentation,
        customer_id,
        cast(null as {{ dbt.type_string() }}) as segment
    from customer_scores
    where false
    {% endfor %}

)

select * from named
