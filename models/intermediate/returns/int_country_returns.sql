with

customers as (

    select
        *,
        coalesce(nullif(country, ''), '(unknown)') as known_country
    from {{ ref('int_customer_rfm') }}

),

-- of a shop without a fit nobody is known to return much: not known is not none
judged_customers as (

    select
        customer_segments.shop,
        customer_segments.customer_id,
        max(case when meanings.is_returner then 1 else 0 end) as is_returner
    from {{ ref('int_customer_segments') }} as customer_segments
    inner join {{ ref('int_segment_meanings') }} as meanings
        on
            customer_segments.segmentation = meanings.segmentation
            and customer_segments.segment = meanings.segment
    where customer_segments.segmentation in (
        select segmentation from {{ ref('int_segment_meanings') }}
        where is_returner
    )
    group by customer_segments.shop, customer_segments.customer_id

),

summed as (

    select
        customers.shop,
        customers.known_country as country,
        count(*) as customers,
        cast(sum(judged_customers.is_returner) as {{ dbt.type_bigint() }}) as high_returners,
        cast(sum(customers.units_purchased) as {{ dbt.type_bigint() }}) as units_purchased,
        cast(sum(customers.units_returned) as {{ dbt.type_bigint() }}) as units_returned,
        cast(sum(customers.matched_units_returned) as {{ dbt.type_bigint() }})
            as matched_units_returned
    from customers
    left join judged_customers
        on
            customers.shop = judged_customers.shop
            and customers.customer_id = judged_customers.customer_id
    group by customers.shop, customers.known_country

)

select * from summed
