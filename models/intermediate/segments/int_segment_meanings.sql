with

of_clusters as (

    select
        segmentation,
        segment,
        segment_order,
        outlook_claim,
        is_returner,
        recommended_actions,
        watchouts
    from {{ ref('segment_meanings') }}
    {% for segmentation in named_segmentations() %}
    {{ 'where' if loop.first else 'and' }} segmentation <> '{{ segmentation }}'
    {% endfor %}
    {% for segmentation, segments in named_segmentations().items() %}
    {% for segment in segments %}
    union all
    select
        '{{ segmentation }}' as segmentation,
        {{ sql_text(segment.name) }} as segment,
        {{ segment.get('segment_order', loop.index) }} as segment_order,
        {{ sql_text(segment.outlook_claim) }} as outlook_claim,
        {{ segment.get('is_returner', false) }} as is_returner,
        {{ sql_text(segment.recommended_actions) }} as recommended_actions,
        {{ sql_text(segment.watchouts) }} as watchouts
    {% endfor %}
    {% endfor %}

),

-- rules are listed from the best customers to the worst
of_rules as (

    {% for segmentation, config in segmentations().items() if config.method == 'rules' %}
    {% set last_segmentation = loop.last %}
    {% for rule in config.rules %}
    select
        '{{ segmentation }}' as segmentation,
        {{ sql_text(rule.name) }} as segment,
        {{ loop.index }} as segment_order,
        cast(null as {{ dbt.type_string() }}) as outlook_claim,
        false as is_returner,
        {{ sql_text(rule.recommended_actions) }} as recommended_actions,
        {{ sql_text(rule.watchouts) }} as watchouts
    {{- '\n    union all' if not (loop.last and last_segmentation) }}
    {% endfor %}
    {% else %}
    select * from of_clusters
    where false
    {% endfor %}

),

of_one as (

    select * from of_clusters
    where segmentation <> '(any)'
    union all
    select * from of_rules

),

segmentations as (

    {% for segmentation in segmentations() %}
    select '{{ segmentation }}' as segmentation
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

of_any as (

    select
        segmentations.segmentation,
        of_clusters.segment,
        of_clusters.segment_order,
        of_clusters.outlook_claim,
        of_clusters.is_returner,
        of_clusters.recommended_actions,
        of_clusters.watchouts
    from segmentations
    cross join of_clusters
    left join of_one
        on
            segmentations.segmentation = of_one.segmentation
            and of_clusters.segment = of_one.segment
    where of_clusters.segmentation = '(any)' and of_one.segment is null

),

combined as (

    select * from of_one
    union all
    select * from of_any

),

coloured as (

    select
        combined.*,
        colours.segment_colour
    from combined
    left join {{ ref('segment_colours') }} as colours
        on combined.segment_order = colours.segment_order

)

select * from coloured
