with

first_days as (

    select
        shop,
        min(ordered_on) as first_day
    from {{ ref('int_orders') }}
    where accepted_lines > 0
    group by shop

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

-- the month of the as-of date is not over, unless that date is the first of the next
bounded as (

    select
        first_days.shop,
        first_days.first_day,
        as_of_dates.as_of_date as last_as_of_date,
        {{ month_of('first_days.first_day') }} as first_month,
        {{ add_months(-1, month_of('as_of_dates.as_of_date')) }} as last_month
    from first_days
    inner join as_of_dates
        on first_days.shop = as_of_dates.shop

),

listed as (

    select
        shop,
        {{ each_month('first_month', 'last_month') }} as month,
        first_day,
        last_as_of_date
    from bounded
    where first_month <= last_month

),

dated as (

    select
        *,
        {{ add_months(1, 'month') }} as as_of_date
    from listed

),

judged as (

    select
        shop,
        month,
        -- a sum over days that the data do not cover would look like a change
        {{ add_days(-revenue_window_days(), 'as_of_date') }} >= first_day as has_days_before,
        {{ add_days(revenue_window_days(), 'as_of_date') }} <= last_as_of_date as has_days_after,
        as_of_date
    from dated

)

select * from judged
