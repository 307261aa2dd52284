with

customer_months as (

    select * from {{ ref('int_customer_months') }}

),

last_months as (

    select
        shop,
        max(month) as last_month
    from {{ ref('int_month_ends') }}
    group by shop

),

customers as (

    select
        shop,
        customer_id,
        min(month) as cohort
    from customer_months
    where orders > 0
    group by shop, customer_id

),

cohorts as (

    select
        customers.shop,
        customers.cohort,
        last_months.last_month,
        count(*) as customers
    from customers
    inner join last_months
        on customers.shop = last_months.shop
    where customers.cohort <= last_months.last_month
    group by customers.shop, customers.cohort, last_months.last_month

),

-- every month from the first purchase to the last month that is over, with or without purchases
followed as (

    select
        shop,
        cohort,
        customers,
        {{ each_month('cohort', 'last_month') }} as month
    from cohorts

),

active as (

    select
        customers.shop,
        customers.cohort,
        customer_months.month,
        count(case when customer_months.orders > 0 then 1 end) as customers,
        sum(customer_months.revenue) as revenue
    from customers
    inner join customer_months
        on
            customers.shop = customer_months.shop
            and customers.customer_id = customer_months.customer_id
    where customer_months.month >= customers.cohort
    group by customers.shop, customers.cohort, customer_months.month

),

shared as (

    select
        followed.shop,
        followed.cohort,
        {{ months_between('followed.cohort', 'followed.month') }} as months_after,
        followed.month,
        followed.customers,
        coalesce(active.customers, 0) as active_customers,
        {{ share_pct('coalesce(active.customers, 0)', 'followed.customers') }} as retention_pct,
        cast(coalesce(active.revenue, 0) as {{ money_type() }}) as revenue,
        {{ money_ratio(
            'sum(coalesce(active.revenue, 0)) over '
            '(partition by followed.shop, followed.cohort order by followed.month)',
            'followed.customers',
        ) }} as cumulative_revenue_per_customer
    from followed
    left join active
        on
            followed.shop = active.shop
            and followed.cohort = active.cohort
            and followed.month = active.month

)

select * from shared
