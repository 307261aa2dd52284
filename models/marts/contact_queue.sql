with

customers as (

    select * from {{ ref('patronage', 'customers') }}
    -- whoever has been away for longer is for a campaign of its own, not for Monday
    where recency_days <= {{ var('lifetime_horizon_days') }}

),

contact_reasons as (

    select * from {{ ref('int_contact_reasons') }}

),

customer_stakes as (

    select * from {{ ref('int_customer_stakes') }}
    where money_at_stake > 0

),

meanings as (

    select * from {{ ref('int_segment_meanings') }}
    where segmentation = '{{ var("primary_segmentation") }}'

),

-- what is wrong with an order is settled before anybody advertises to its customer
flagged_customers as (

    select distinct
        flagged_orders.shop,
        flagged_orders.customer_id
    from {{ ref('patronage', 'flagged_orders') }} as flagged_orders
    inner join {{ ref('int_as_of_dates') }} as as_of_dates
        on flagged_orders.shop = as_of_dates.shop
    where
        flagged_orders.ordered_at
        >= {{ add_days(-var('prediction_horizon_days'), 'as_of_dates.as_of_date') }}

),

ranked as (

    select
        customers.shop,
        customers.customer_id,
        customers.segment,
        coalesce(contact_reasons.reason_code, 'likely_to_leave') as reason_code,
        concat(
            coalesce(
                contact_reasons.reason_words,
                concat(
                    {{ number_words('round(100 * customer_stakes.leaving_probability)') }},
                    ' % likely to stay away'
                )
            ),
            '; ', contact_reasons.segment_reason
        ) as reason,
        meanings.recommended_actions,
        customer_stakes.leaving_basis,
        customer_stakes.revenue_basis,
        contact_reasons.previous_segment,
        meanings.segment_colour,
        cast(row_number() over (
            partition by customers.shop
            order by
                customer_stakes.money_at_stake desc,
                customers.monetary desc,
                customers.customer_id asc
        ) as {{ dbt.type_bigint() }}) as contact_rank,
        meanings.segment_order,
        customer_stakes.leaving_probability,
        customer_stakes.revenue_ahead,
        customer_stakes.money_at_stake,
        customers.recency_days,
        customers.frequency,
        customers.monetary,
        contact_reasons.moved_month,
        contact_reasons.last_contacted_on,
        customers.as_of_date
    from customers
    inner join contact_reasons
        on
            customers.shop = contact_reasons.shop
            and customers.customer_id = contact_reasons.customer_id
    inner join customer_stakes
        on
            customers.shop = customer_stakes.shop
            and customers.customer_id = customer_stakes.customer_id
    left join meanings
        on customers.segment = meanings.segment
    left join flagged_customers
        on
            customers.shop = flagged_customers.shop
            and customers.customer_id = flagged_customers.customer_id
    where
        flagged_customers.customer_id is null
        and (contact_reasons.reason_code is not null or customer_stakes.leaving_probability > 0.5)

)

select * from ranked
