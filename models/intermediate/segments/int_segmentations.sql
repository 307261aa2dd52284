with

shops as (

    select shop from {{ ref('int_as_of_dates') }}

),

segmentations as (

    {% for segmentation in var('segmentations') %}
    select '{{ segmentation }}' as segmentation
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

crossed as (

    select
        shops.shop,
        segmentations.segmentation
    from shops
    cross join segmentations

)

select * from crossed
