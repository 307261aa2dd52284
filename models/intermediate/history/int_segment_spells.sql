{% set known = segmentations().keys() | list -%}

with

customer_history as (

    select * from {{ ref('int_customer_history') }}

),

last_months as (

    select
        shop,
        max(month) as last_month
    from {{ ref('int_month_ends') }}
    group by shop

),

-- every month by the same fit and score edges, today's, so that a move is behaviour and never a
-- refit; the casts are done once here, not for each centre in the function
scored as (

    select
        shop,
        customer_id,
        recency_days,
        frequency,
        monetary,
        {% for segmentation in known %}
        coalesce(
            {{ function('segment_of') }}(
                shop,
                '{{ segmentation }}',
                cast(recency_days as double),
                cast(frequency as double),
                cast(monetary as double),
                cast(return_rate_pct as double)
            ),
            'Unsegmented'
        ) as segment_{{ loop.index }},
        {% endfor %}
        month
    from customer_history

),

-- history has no gaps: the row before is the month before. One sort for all segmentations
compared as (

    select
        *,
        {% for segmentation in known %}
        coalesce(lag(segment_{{ loop.index }}) over by_month, '(new)') as previous_{{ loop.index }},
        {% endfor %}
        month as first_month
    from scored
    window by_month as (partition by shop, customer_id order by month)

),

-- most months change nothing
changed as (

    select
        compared.*,
        segmentations.segmentation,
        case segmentations.segmentation
            {% for segmentation in known %}
            when '{{ segmentation }}' then segment_{{ loop.index }}
            {% endfor %}
        end as segment,
        case segmentations.segmentation
            {% for segmentation in known %}
            when '{{ segmentation }}' then previous_{{ loop.index }}
            {% endfor %}
        end as previous_segment
    from compared
    inner join {{ ref('int_segmentations') }} as segmentations
        on compared.shop = segmentations.shop
    where not (
        true
        {% for segmentation in known %}
        and segment_{{ loop.index }} = previous_{{ loop.index }}
        {% endfor %}
    )

),

-- a spell ends in the month before the next one
bounded as (

    select
        changed.shop,
        changed.segmentation,
        changed.customer_id,
        changed.segment,
        changed.previous_segment,
        changed.first_month,
        coalesce(
            {{ add_months(-1, 'lead(changed.first_month) over by_month') }}, last_months.last_month
        ) as last_month,
        changed.recency_days,
        changed.frequency,
        changed.monetary
    from changed
    inner join last_months
        on changed.shop = last_months.shop
    where changed.segment <> changed.previous_segment
    window
        by_month as (
            partition by changed.shop, changed.segmentation, changed.customer_id
            order by changed.first_month
        )

)

select * from bounded
