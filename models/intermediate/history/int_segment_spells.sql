{% set known = segmentations().keys() | list -%}

with

customer_history as (

    select * from {{ ref('int_customer_history') }}

),

segmentations as (

    select * from {{ ref('int_segmentations') }}

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
        month
        {%- for segmentation in known %},
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
        ) as segment_{{ loop.index }}
        {%- endfor %}
    from customer_history

),

-- history has no gaps: the row before is the month before. One sort for all segmentations
compared as (

    select
        *
        {%- for segmentation in known %},
        coalesce(lag(segment_{{ loop.index }}) over by_month, '(new)')
            as previous_segment_{{ loop.index }}
        {%- endfor %}
    from scored
    window by_month as (partition by shop, customer_id order by month)

),

listed as (

    select
        compared.shop,
        segmentations.segmentation,
        compared.customer_id,
        compared.month as first_month,
        {%- for column in ['segment', 'previous_segment'] %}
        case segmentations.segmentation
            {%- for segmentation in known %}
            when '{{ segmentation }}' then compared.{{ column }}_{{ loop.index }}
            {%- endfor %}
        end as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from compared
    inner join segmentations
        on compared.shop = segmentations.shop
    -- most months change nothing
    where
        {%- for segmentation in known %}
        {{ 'or ' if not loop.first }}compared.segment_{{ loop.index }} <> compared.previous_segment_{{ loop.index }}
        {%- endfor %}

),

-- a spell ends in the month before the next one
bounded as (

    select
        listed.shop,
        listed.segmentation,
        listed.customer_id,
        listed.segment,
        listed.previous_segment,
        listed.first_month,
        coalesce(
            {{ add_months(-1, 'lead(listed.first_month) over by_month') }}, last_months.last_month
        ) as last_month
    from listed
    inner join last_months
        on listed.shop = last_months.shop
    where listed.segment <> listed.previous_segment
    window
        by_month as (
            partition by listed.shop, listed.segmentation, listed.customer_id
            order by listed.first_month
        )

)

select * from bounded
