with

customers as (

    select * from {{ ref('int_cutoff_customers') }}

),

cutoff_segments as (

    select * from {{ ref('int_cutoff_segments') }}

),

summed as (

    select
        customers.shop,
        customers.periods_ago,
        cutoff_segments.segmentation,
        cutoff_segments.segment,
        count(*) as customers,
        count(case when customers.next_orders > 0 then 1 end) as next_buyers,
        count(case when customers.next_units_returned > 0 then 1 end) as next_returners,
        cast(sum(customers.next_units_purchased) as {{ dbt.type_bigint() }})
            as next_units_purchased,
        cast(sum(customers.next_units_returned) as {{ dbt.type_bigint() }})
            as next_units_returned,
        cast(sum(customers.next_revenue) as {{ money_type() }}) as next_revenue
    from customers
    inner join cutoff_segments
        on
            customers.shop = cutoff_segments.shop
            and customers.periods_ago = cutoff_segments.periods_ago
            and customers.customer_id = cutoff_segments.customer_id
    group by
        customers.shop,
        customers.periods_ago,
        cutoff_segments.segmentation,
        cutoff_segments.segment

)

select * from summed
