with

customer_habits as (

    select * from {{ ref('int_customer_habits') }}

),

customer_reasons as (

    select * from {{ ref('int_customer_reasons') }}

),

primary_segments as (

    select * from {{ ref('int_customer_segments') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

latest_moves as (

    select * from {{ ref('int_latest_moves') }}

),

last_contacts as (

    select
        shop,
        customer_id,
        max(sent_on) as last_contacted_on
    from {{ ref('int_campaign_customers') }}
    where not is_held_out
    group by shop, customer_id

),

joined as (

    select
        customer_habits.shop,
        customer_habits.customer_id,
        case
            when latest_moves.is_last_month and latest_moves.is_worse then 'moved_down'
            when customer_habits.is_overdue then 'overdue'
            when
                customer_habits.frequency = 1
                and customer_habits.recency_days <= {{ var('prediction_horizon_days') }}
                then 'bought_once'
        end as reason_code,
        customer_reasons.segment_reason,
        primary_segments.segment,
        latest_moves.previous_segment,
        latest_moves.moved_month,
        last_contacts.last_contacted_on
    from customer_habits
    inner join customer_reasons
        on
            customer_habits.shop = customer_reasons.shop
            and customer_habits.customer_id = customer_reasons.customer_id
    inner join primary_segments
        on
            customer_habits.shop = primary_segments.shop
            and customer_habits.customer_id = primary_segments.customer_id
    -- a move that has been undone since is none
    left join latest_moves
        on
            customer_habits.shop = latest_moves.shop
            and customer_habits.customer_id = latest_moves.customer_id
            and primary_segments.segment = latest_moves.segment
    left join last_contacts
        on
            customer_habits.shop = last_contacts.shop
            and customer_habits.customer_id = last_contacts.customer_id

),

worded as (

    select
        shop,
        customer_id,
        reason_code,
        segment_reason,
        previous_segment,
        moved_month,
        last_contacted_on,
        case reason_code
            when 'moved_down'
                then concat('moved from ', previous_segment, ' to ', segment, ' last month')
            when 'overdue' then 'overdue'
            when 'bought_once' then 'bought once so far'
        end as reason_words
    from joined

)

select * from worded
