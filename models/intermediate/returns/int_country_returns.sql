with

customers as (

    select
        *,
        coalesce(nullif(country, ''), '(unknown)') as known_country
    from {{ ref('int_customer_rfm') }}

),

primary_segments as (

    select * from {{ ref('int_customer_segments') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

summed as (

    select
        customers.shop,
        customers.known_country as country,
        count(*) as customers,
        -- a shop without a fit has no segments: not known is not none
        case
            when count(primary_segments.segment) > 0
                then count(case when primary_segments.segment = 'High Returners' then 1 end)
        end as high_returners,
        cast(sum(customers.units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(customers.units_returned) as {{ dbt.type_bigint() }}) as units_returned,
        cast(sum(customers.matched_units_returned) as {{ dbt.type_bigint() }})
            as matched_units_returned
    from customers
    left join primary_segments
        on
            customers.shop = primary_segments.shop
            and customers.customer_id = primary_segments.customer_id
    group by customers.shop, customers.known_country

)

select * from summed
