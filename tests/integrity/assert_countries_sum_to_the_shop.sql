-- Countries are all of the shop's customers, units and (where it knows returns) High Returners.
with

customers as (

    select
        shop,
        count(*) as customers,
        case
            when sum(returned_revenue) + sum(units_returned) > 0
                then count(case when segment = 'High Returners' then 1 end)
            else 0
        end as high_returners,
        sum(units_purchased) as units_purchased,
        sum(units_returned) as units_returned
    from {{ ref('customers') }}
    group by shop

),

countries as (

    select
        shop,
        sum(customers) as customers,
        coalesce(sum(high_returners), 0) as high_returners,
        sum(units_purchased) as units_purchased,
        sum(units_returned) as units_returned
    from {{ ref('country_returns') }}
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
