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
        ) as segment_{{ segmentation }},
        {% endfor %}
        month
    from customer_history

),

-- history has no gaps: the row before is the month before. One sort for all segmentations
compared as (

    select
        *,
        {% for segmentation in known %}
        coalesce(lag(segment_{{ segmentation }}) over by_month, '(new)')
            as previous_segment_{{ segmentation }},
        {% endfor %}
        month as first_month
    from scored
    window by_month as (partition by shop, customer_id order by month)

),

-- most months change nothing
changed as (

    select * from compared
    where
        false
        {% for segmentation in known %}
        or segment_{{ segmentation }} <> previous_segment_{{ segmentation }}
        {% endfor %}

),

-- a period ends in the month before the next one
bounded as (

    select
        changed.shop,
        changed.customer_id,
        {% for segmentation in known %}
        changed.segment_{{ segmentation }},
        changed.previous_segment_{{ segmentation }},
        {% endfor %}
        changed.recency_days,
        changed.frequency,
        changed.monetary,
        changed.first_month,
        coalesce(
            {{ add_months(-1, 'lead(changed.first_month) over by_month') }}, last_months.last_month
        ) as last_month
    from changed
    inner join last_months
        on changed.shop = last_months.shop
    window
        by_month as (partition by changed.shop, changed.customer_id order by changed.first_month)

)

select * from bounded
