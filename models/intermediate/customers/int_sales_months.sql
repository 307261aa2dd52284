with

first_days as (

    select
        shop,
        min(ordered_on) as first_ordered_on
    from {{ ref('int_orders') }}
    where accepted_lines > 0
    group by shop

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

bounded as (

    select
        first_days.shop,
        as_of_dates.as_of_date,
        {{ month_of('first_days.first_ordered_on') }} as first_month,
        {{ month_of(add_days(-1, 'as_of_dates.as_of_date')) }} as last_month
    from first_days
    inner join as_of_dates
        on first_days.shop = as_of_dates.shop

),

listed as (

    select
        shop,
        {{ each_month('first_month', 'last_month') }} as month,
        as_of_date
    from bounded

)

select * from listed
