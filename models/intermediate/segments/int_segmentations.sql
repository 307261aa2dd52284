with

shops as (

    select shop from {{ ref('int_as_of_dates') }}

),

segmentations as (

    {% for segmentation, config in segmentations().items() %}
    select
        '{{ segmentation }}' as segmentation,
        '{{ config.method }}' as method
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

crossed as (

    select
        shops.shop,
        segmentations.segmentation,
        segmentations.method
    from shops
    cross join segmentations

)

select * from crossed
