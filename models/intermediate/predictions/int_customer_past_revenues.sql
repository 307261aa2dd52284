with

orders as (

    select * from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

-- as many days back as the lifetime model looks ahead
summed as (

    select
        orders.shop,
        orders.customer_id,
        cast(
            sum(
                case
                    when
                        orders.ordered_on
                        >= {{ add_days(-var('lifetime_horizon_days'), 'as_of_dates.as_of_date') }}
                        then orders.accepted_amount
                    else 0
                end
            ) as {{ money_type() }}
        ) as past_revenue
    from orders
    inner join as_of_dates
        on orders.shop = as_of_dates.shop
    group by orders.shop, orders.customer_id

)

select * from summed
