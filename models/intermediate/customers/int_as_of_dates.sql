with

orders as (

    select * from {{ ref('int_orders') }}

),

dated as (

    select
        shop,
        {% if var('as_of_date') is none %}
        cast({{ dbt.dateadd('day', 1, 'max(ordered_on)') }} as date) as as_of_date
        {% else %}
        cast('{{ var("as_of_date") }}' as date) as as_of_date
        {% endif %}
    from orders
    where accepted_lines > 0
    group by shop

)

select * from dated
