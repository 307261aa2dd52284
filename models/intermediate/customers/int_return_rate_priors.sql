with

customers as (

    select
        customer_orders.shop,
        customer_orders.all_units_purchased as units,
        coalesce(matched_returns.matched_units_returned, 0) as returned
    from {{ ref('int_customer_orders') }} as customer_orders
    left join {{ ref('int_matched_returns') }} as matched_returns
        on
            customer_orders.shop = matched_returns.shop
            and customer_orders.customer_id = matched_returns.customer_id
    where customer_orders.all_units_purchased > 0

),

-- sums of DECIMALs, so that the order of rows does not matter; every customer weighs the same,
-- because one bulk order sent back would otherwise outweigh all the others
summed as (

    select
        shop,
        cast(count(*) as double) as customers,
        cast(sum(cast(1.0e0 * returned / units as decimal(38, 12))) as double) as rates,
        cast(sum(cast(1.0e0 * returned / units * returned / units as decimal(38, 12))) as double)
            as squared_rates,
        cast(sum(cast(1.0e0 / units as decimal(38, 12))) as double) as inverse_units
    from customers
    group by shop

),

-- Kleinman (1973), moments of the beta-binomial with equal weights: spread is what customers' rates
-- vary around their mean, chance what they would vary if all had the same rate
spread_out as (

    select
        shop,
        customers,
        inverse_units,
        rates / customers as mean_rate,
        squared_rates - rates * rates / customers as spread,
        rates / customers * (1 - rates / customers) * (1 - 1 / customers) as variance
    from summed

),

estimated as (

    select
        shop,
        mean_rate,
        case
            -- nobody returned, or everybody has one unit: nothing tells customers apart
            when variance * (customers - inverse_units) > 0
                -- correlation of two units of one customer, kept inside (0, 1)
                then least(
                    greatest(
                        (spread - variance * inverse_units)
                        / (variance * (customers - inverse_units)),
                        0.0001
                    ),
                    0.9999
                )
            else 0.5
        end as correlation
    from spread_out

),

final as (

    select
        shop,
        mean_rate,
        (1 - correlation) / correlation as prior_units
    from estimated

)

select * from final
