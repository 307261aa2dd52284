with

orders as (

    select
        shop,
        ln(cast(accepted_amount as double)) as log_amount
    from {{ ref('int_orders') }}
    where purchase_lines > 0 and accepted_amount > 0

),

medians as (

    select
        shop,
        median(log_amount) as median_log_amount
    from orders
    group by shop

),

deviations as (

    select
        orders.shop,
        medians.median_log_amount,
        abs(orders.log_amount - medians.median_log_amount) as deviation
    from orders
    inner join medians
        on orders.shop = medians.shop

),

measured as (

    select
        shop,
        median_log_amount,
        median(deviation) as median_deviation
    from deviations
    group by shop, median_log_amount

)

select * from measured
