with

customers as (

    select
        *,
        coalesce(nullif(country, ''), '(unknown)') as known_country
    from {{ ref('int_customer_rfm') }}

),

-- a segmentation without a segment of returners says nothing of them
returner_segmentations as (

    select distinct segmentation from {{ ref('int_segment_meanings') }}
    where is_returner

),

-- the one place that says who counts as a High Returner
returners as (

    select
        customer_segments.shop,
        customer_segments.customer_id,
        max(case when meanings.is_returner then 1 else 0 end) as high_returner
    from {{ ref('int_customer_segments') }} as customer_segments
    inner join {{ ref('int_segment_meanings') }} as meanings
        on
            customer_segments.segmentation = meanings.segmentation
            and customer_segments.segment = meanings.segment
    inner join returner_segmentations
        on customer_segments.segmentation = returner_segmentations.segmentation
    group by customer_segments.shop, customer_segments.customer_id

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
