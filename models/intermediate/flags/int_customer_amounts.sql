with

frequent_customers as (

    select
        shop,
        customer_id
    from {{ ref('int_customer_orders') }}
    where frequency >= {{ var('flag_amount_minimum_orders') }}

),

orders as (

    select
        orders.shop,
        orders.customer_id,
        ln(cast(orders.accepted_amount as double)) as log_amount
    from {{ ref('int_orders') }} as orders
    inner join frequent_customers
        on
            orders.shop = frequent_customers.shop
            and orders.customer_id = frequent_customers.customer_id
    where orders.purchase_lines > 0 and orders.accepted_amount > 0

),

medians as (

    select
        shop,
        customer_id,
        median(log_amount) as median_log_amount
    from orders
    group by shop, customer_id
    having count(*) >= {{ var('flag_amount_minimum_orders') }}

),

deviations as (

    select
        medians.*,
        abs(orders.log_amount - medians.median_log_amount) as deviation
    from orders
    inner join medians
        on
            orders.shop = medians.shop
            and orders.customer_id = medians.customer_id

),

-- with more than half of the orders alike to the penny there is no scale to measure the others by
measured as (

    select
        shop,
        customer_id,
        median_log_amount,
        median(deviation) as median_deviation
    from deviations
    group by shop, customer_id, median_log_amount
    having median(deviation) > 0

)

select * from measured
