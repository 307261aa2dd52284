-- A country of the ranks in which nobody is a High Returner stands below every country whose share
-- is above the shop's; and a shop that knows no returns ranks none.
select
    others.shop,
    others.country,
    others.return_rank,
    countries.country as outranked_country
from {{ ref('patronage', 'country_returns') }} as others
inner join {{ ref('patronage', 'country_returns') }} as countries
    on
        others.shop = countries.shop
        and others.return_rank <= countries.return_rank
where
    others.high_returners = 0
    and countries.high_returner_pct > countries.shop_high_returner_pct
union all
select
    shop,
    country,
    return_rank,
    cast(null as {{ dbt.type_string() }}) as outranked_country
from {{ ref('patronage', 'country_returns') }}
where
    return_rank is not null
    and shop in (
        select customers.shop
        from {{ ref('patronage', 'customers') }} as customers
        group by customers.shop
        having sum(customers.returned_revenue) + sum(customers.units_returned) = 0
    )
