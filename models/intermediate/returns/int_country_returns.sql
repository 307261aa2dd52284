with

customers as (

    select
        *,
        coalesce(nullif(country, ''), '(unknown)') as known_country
    from {{ ref('int_customer_rfm') }}

),

-- the one place that says who counts as a High Returner
returners as (

    select
        shop,
        customer_id,
        case when segment = 'High Returners' then 1 else 0 end as high_returner
    from {{ ref('int_customer_segments') }}
    where segmentation = '{{ var("primary_segmentation") }}' and segment is not null

),

-- a shop that knows no returns may have many
shops as (

    select
        shop,
        sum(return_orders) + sum(units_returned) > 0 as has_returns
    from customers
    group by shop

),

summed as (

    select
        customers.shop,
        customers.known_country as country,
        count(*) as customers,
        -- not known is not none: without a fit there are no segments, without returns no returners
        cast(
            sum(case when shops.has_returns then returners.high_returner end)
            as {{ dbt.type_bigint() }}
        ) as high_returners,
        cast(sum(customers.units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(customers.units_returned) as {{ dbt.type_bigint() }}) as units_returned,
        cast(sum(customers.matched_units_returned) as {{ dbt.type_bigint() }})
            as matched_units_returned,
        max(customers.as_of_date) as as_of_date
    from customers
    inner join shops
        on customers.shop = shops.shop
    left join returners
        on
            customers.shop = returners.shop
            and customers.customer_id = returners.customer_id
    group by customers.shop, customers.known_country

)

select * from summed
