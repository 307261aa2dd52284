with

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

months as (

    select * from {{ ref('patronage', 'shop_months') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

),

known as (

    select
        shop,
        count(*) as customers,
        count(case when frequency > 0 then 1 end) as purchasing_customers,
        cast(sum(frequency) as {{ dbt.type_bigint() }}) as orders,
        cast(sum(monetary) as {{ money_type() }}) as customer_revenue,
        min(first_ordered_on) as first_ordered_on,
        max(last_ordered_on) as last_ordered_on
    from customers
    group by shop

),

-- with rfm_window_days customers look back less far than months do: guests of all months would not
-- fit to them, so what guests bring stands beside and is not added
guests as (

    select
        shop,
        cast(sum(guest_revenue) as {{ money_type() }}) as guest_revenue
    from months
    group by shop

),

named as (

    select
        as_of_dates.shop,
        coalesce({{ text_by_shop('shop_names', 'as_of_dates.shop') }}, as_of_dates.shop)
            as shop_name,
        {{ text_by_shop('shop_currencies', 'as_of_dates.shop') }} as currency,
        {{ text_by_shop('shops', 'as_of_dates.shop') }} as grain,
        coalesce(known.customers, 0) as customers,
        coalesce(known.purchasing_customers, 0) as purchasing_customers,
        coalesce(known.orders, 0) as orders,
        coalesce(known.customer_revenue, 0) as customer_revenue,
        guests.guest_revenue,
        known.first_ordered_on,
        known.last_ordered_on,
        as_of_dates.as_of_date
    from as_of_dates
    left join known
        on as_of_dates.shop = known.shop
    left join guests
        on as_of_dates.shop = guests.shop

)

select * from named
