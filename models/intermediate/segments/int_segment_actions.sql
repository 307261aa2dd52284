with

of_clusters as (

    select
        segmentation,
        segment,
        recommended_actions,
        watchouts
    from {{ ref('segment_actions') }}

),

of_rules as (

    {% for segmentation, config in var('segmentations').items() if config.method == 'rules' %}
    {% set last_segmentation = loop.last %}
    {% for rule in config.rules %}
    select
        '{{ segmentation }}' as segmentation,
        {{ sql_text(rule.name) }} as segment,
        {{ sql_text(rule.recommended_actions) }} as recommended_actions,
        {{ sql_text(rule.watchouts) }} as watchouts
    {{- '\n    union all' if not (loop.last and last_segmentation) }}
    {% endfor %}
    {% else %}
    select * from of_clusters
    where false
    {% endfor %}

),

combined as (

    select * from of_clusters
    union all
    select * from of_rules

)

select * from combined
