with

active_days as (

    select
        shop,
        max(ordered_on) as last_day
    from {{ ref('int_line_orders') }}
    where accepted_lines > 0
    group by shop
    union all
    select
        shop,
        max(cast(ordered_at as date)) as last_day
    from {{ ref('int_checked_orders') }}
    where row_status in ('accepted', 'unpaid')
    group by shop
    union all
    select
        shop,
        max(last_ordered_on) as last_day
    from {{ ref('int_checked_customers') }}
    where row_status = 'accepted'
    group by shop

),

dated as (

    select
        shop,
        {% if var('as_of_date') is none %}
        cast({{ dbt.dateadd('day', 1, 'last_day') }} as date) as as_of_date
        {% else %}
        cast('{{ var("as_of_date") }}' as date) as as_of_date
        {% endif %}
    from active_days

)

select * from dated
