with

contacts as (

    select * from {{ ref('stg_campaigns') }}
    where
        shop is not null
        and campaign is not null
        and customer_id is not null
        and sent_on is not null
        and is_held_out is not null

),

orders as (

    select * from {{ ref('int_orders') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

-- whoever got one message of the campaign is no comparison for the others any more
grouped as (

    select
        shop,
        campaign,
        customer_id,
        min(sent_on) as sent_on,
        count(case when not is_held_out then 1 end) = 0 as is_held_out
    from contacts
    group by shop, campaign, customer_id

),

bounded as (

    select
        grouped.*,
        {{ add_days(var('prediction_horizon_days'), 'grouped.sent_on') }} as last_day,
        as_of_dates.as_of_date
    from grouped
    inner join as_of_dates
        on grouped.shop = as_of_dates.shop

),

-- what was bought on the day itself may have been bought before the message
followed as (

    select
        bounded.shop,
        bounded.campaign,
        bounded.customer_id,
        bounded.is_held_out,
        count(case when orders.purchase_lines > 0 then 1 end) as next_orders,
        cast(coalesce(sum(orders.accepted_amount), 0) as {{ money_type() }}) as next_revenue,
        bounded.sent_on,
        bounded.last_day < bounded.as_of_date as is_over
    from bounded
    left join orders
        on
            bounded.shop = orders.shop
            and bounded.customer_id = orders.customer_id
            and bounded.sent_on < orders.ordered_on
            and bounded.last_day >= orders.ordered_on
    group by
        bounded.shop,
        bounded.campaign,
        bounded.customer_id,
        bounded.is_held_out,
        bounded.sent_on,
        bounded.last_day,
        bounded.as_of_date

)

select * from followed
