with

-- as many of the shop's average customers join a country's own as countries are found to be alike:
-- they outweigh three customers, and hardly count beside three thousand
countries as (

    select
        countries.*,
        priors.high_returner_rate,
        countries.customers + priors.prior_customers as joined_customers,
        countries.high_returners + priors.prior_customers * priors.high_returner_rate
            as joined_high_returners,
        countries.customers * coalesce(
            1.0e0 * countries.matched_units_returned / nullif(countries.units_purchased, 0),
            priors.matched_rate
        ) + priors.prior_customers * priors.matched_rate as joined_matched_rates
    from {{ ref('int_country_returns') }} as countries
    inner join {{ ref('int_country_return_priors') }} as priors
        on countries.shop = priors.shop

),

rated as (

    select
        shop,
        country,
        customers,
        high_returners,
        {{ share_pct('high_returners', 'customers') }} as high_returner_pct,
        {{ wilson_bound_pct('high_returners', 'customers', 'lower') }} as high_returner_lower_pct,
        {{ wilson_bound_pct('high_returners', 'customers', 'upper') }} as high_returner_upper_pct,
        {{ share_pct('joined_high_returners', 'joined_customers') }} as shrunk_high_returner_pct,
        {{ share_pct('high_returner_rate', 1) }} as shop_high_returner_pct,
        units_purchased,
        units_returned,
        {{ share_pct('units_returned', 'units_purchased') }} as pooled_return_rate_pct,
        {{ share_pct('matched_units_returned', 'units_purchased') }} as matched_return_rate_pct,
        {{ share_pct('joined_matched_rates', 'joined_customers') }} as shrunk_return_rate_pct,
        -- by more digits than are shown: an average of the shop is not a tie with what is near it
        case
            when high_returners is not null
                then cast(rank() over (
                    partition by shop
                    order by round(joined_high_returners / joined_customers, 12) desc nulls last
                ) as {{ dbt.type_bigint() }})
        end as return_rank,
        as_of_date
    from countries

)

select * from rated
