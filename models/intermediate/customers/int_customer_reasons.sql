with

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

-- equal values are counted alike, from either end
ranked as (

    select
        *,
        count(*) over (partition by shop) as customers,
        sum(units_returned) over (partition by shop) as units_returned_to_shop,
        rank() over (partition by shop order by monetary) - 1 as customers_below,
        count(*) over (partition by shop order by monetary) as customers_up_to
    from customers

),

-- the smallest whole percent of customers, from either end, that holds this one and its equals
placed as (

    select
        *,
        cast(ceil(100.0e0 * (customers - customers_below) / customers) as integer) as top_pct,
        cast(ceil(100.0e0 * customers_up_to / customers) as integer) as bottom_pct
    from ranked

),

phrased as (

    select
        shop,
        customer_id,
        case
            when frequency = 0 then 'no purchase in the data'
            when usual_gap_days is null
                then concat({{ count_words('recency_days', 'day') }}, ' since last order')
            else concat(
                {{ count_words('recency_days', 'day') }}, ' since last order (usual gap ',
                {{ number_words('floor(usual_gap_days)') }},
                case when usual_gap_days > floor(usual_gap_days) then '.5' else '' end, ')'
            )
        end as recency_phrase,
        case
            when frequency = 0 then null
            when top_pct <= bottom_pct then concat('spend in the top ', top_pct, ' %')
            else concat('spend in the bottom ', bottom_pct, ' %')
        end as spend_phrase,
        case
            -- a shop that records no returns cannot say that nothing came back
            when coalesce(units_returned_to_shop, 0) = 0 then null
            -- only services: there was nothing to return
            when units_purchased = 0 and units_returned = 0 then null
            when frequency = 0 then concat({{ count_words('units_returned', 'item') }}, ' returned')
            else {{ returned_words('units_returned', 'units_purchased') }}
        end as returns_phrase,
        case
            when frequency = 0
                then concat(
                    {{ number_words('returned_revenue', 2) }}, ' paid back; last seen ',
                    {{ count_words('recency_days', 'day') }}, ' ago'
                )
        end as payback_phrase
    from placed

),

worded as (

    select
        shop,
        customer_id,
        concat_ws('; ', recency_phrase, spend_phrase, returns_phrase, payback_phrase)
            as segment_reason
    from phrased

)

select * from worded
