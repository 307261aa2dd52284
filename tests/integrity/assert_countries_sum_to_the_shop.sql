-- Countries are all of the shop's customers, units and (where it knows returns) High Returners.
with

returners as (

    select distinct
        customer_segments.shop,
        customer_segments.customer_id
    from {{ ref('patronage', 'customer_segments') }} as customer_segments
    inner join {{ ref('patronage', 'segments') }} as segments
        on
            customer_segments.shop = segments.shop
            and customer_segments.segmentation = segments.segmentation
            and customer_segments.segment = segments.segment
    where segments.is_returner

),

customers as (

    select
        customers.shop,
        count(*) as customers,
        case
            when sum(customers.returned_revenue) + sum(customers.units_returned) > 0
                then count(returners.customer_id)
            else 0
        end as high_returners,
        sum(customers.units_purchased) as units_purchased,
        sum(customers.units_returned) as units_returned
    from {{ ref('patronage', 'customers') }} as customers
    left join returners
        on
            customers.shop = returners.shop
            and customers.customer_id = returners.customer_id
    group by customers.shop

),

countries as (

    select
        shop,
        sum(customers) as customers,
        coalesce(sum(high_returners), 0) as high_returners,
        sum(units_purchased) as units_purchased,
        sum(units_returned) as units_returned
    from {{ ref('patronage', 'country_returns') }}
    group by shop

),

missing as (

    select * from customers
    except all
    select * from countries

),

surplus as (

    select * from countries
    except all
    select * from customers

)

select
    shop,
    customers,
    high_returners,
    units_purchased,
    units_returned
from missing
union all
select
    shop,
    customers,
    high_returners,
    units_purchased,
    units_returned
from surplus
