with

frequent_customers as (

    select
        shop,
        customer_id
    from {{ ref('int_customer_orders') }}
    where frequency >= 3

),

-- several orders on one day are one visit
purchase_days as (

    select distinct
        orders.shop,
        orders.customer_id,
        orders.ordered_on
    from {{ ref('int_orders') }} as orders
    inner join frequent_customers
        on
            orders.shop = frequent_customers.shop
            and orders.customer_id = frequent_customers.customer_id
    where orders.purchase_lines > 0

),

followed as (

    select
        shop,
        customer_id,
        ordered_on,
        lag(ordered_on) over (partition by shop, customer_id order by ordered_on) as previous_on
    from purchase_days

),

gaps as (

    select
        shop,
        customer_id,
        {{ dbt.datediff('previous_on', 'ordered_on', 'day') }}
            as gap_days
    from followed
    where previous_on is not null

),

-- from one gap nobody can say what is usual
measured as (

    select
        shop,
        customer_id,
        cast(median(gap_days) as decimal(18, 1)) as usual_gap_days
    from gaps
    group by shop, customer_id
    having count(*) >= 2

)

select * from measured
