with

countries as (

    select * from {{ ref('int_country_returns') }}

),

-- sums of DECIMALs, so that the order of rows does not matter
summed as (

    select
        shop,
        cast(count(*) as double) as countries,
        cast(sum(customers) as double) as customers,
        cast(sum(cast(customers as decimal(18, 0)) * customers) as double) as squared_customers,
        cast(sum(high_returners) as double) as high_returners,
        cast(sum(
            cast(power(cast(high_returners as double), 2) / customers as decimal(28, 10))
        ) as double) as explained,
        1.0e0 * sum(matched_units_returned) / nullif(sum(units_purchased), 0) as matched_rate
    from countries
    group by shop

),

-- one-way analysis of variance of "is a High Returner" (0 or 1) by country
analysed as (

    select
        shop,
        matched_rate,
        high_returners / customers as high_returner_rate,
        (high_returners - explained) / nullif(customers - countries, 0) as within_countries,
        (explained - power(high_returners, 2) / customers) / nullif(countries - 1, 0)
            as between_countries,
        (customers - squared_customers / customers) / nullif(countries - 1, 0) as country_size
    from summed

),

-- the variance components of Searle, Casella and McCulloch (1992), Variance Components, chapter 3,
-- as a correlation: how alike two customers of one country are. Where they are no more alike than
-- any two, or nothing can be said (null, which greatest passes over), all countries count as alike
estimated as (

    select
        shop,
        high_returner_rate,
        matched_rate,
        least(
            greatest(
                (between_countries - within_countries)
                / nullif(between_countries + (country_size - 1) * within_countries, 0),
                0.0001
            ),
            0.9999
        ) as correlation
    from analysed

),

final as (

    select
        shop,
        round(high_returner_rate, 9) as high_returner_rate,
        round(matched_rate, 9) as matched_rate,
        round((1 - correlation) / correlation, 6) as prior_customers
    from estimated

)

select * from final
