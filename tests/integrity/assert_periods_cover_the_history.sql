-- A customer is in one period at the end of every month of the history: periods have as many months
-- as the history, and do not overlap.
with

history as (

    select
        shop,
        customer_id,
        min(month) as first_month,
        max(month) as last_month,
        count(*) as months
    from {{ ref('int_customer_history') }}
    group by shop, customer_id

),

periods as (

    select
        shop,
        customer_id,
        min(first_month) as first_month,
        max(last_month) as last_month,
        sum({{ months_between('first_month', 'last_month') }} + 1) as months,
        min({{ months_between('first_month', 'last_month') }} + 1) as fewest_months
    from {{ ref('int_segment_periods') }}
    group by shop, customer_id

)

select
    history.shop,
    history.customer_id,
    history.months as history_months,
    periods.months as period_months
from history
left join periods
    on
        history.shop = periods.shop
        and history.customer_id = periods.customer_id
where
    periods.months is null
    or periods.months <> history.months
    or periods.fewest_months < 1
    or periods.first_month <> history.first_month
    or periods.last_month <> history.last_month
