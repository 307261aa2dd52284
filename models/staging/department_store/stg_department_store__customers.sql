with

customers as (

    select * from {{ ref('base_department_store__customers') }}

),

-- the extract's id repeats for different people, so that a new one is made: first come, first
-- numbered, with all that is known of a person as tie-breakers, whatever the order of rows
numbered as (

    select
        *,
        row_number() over (
            order by
                first_ordered_on,
                last_ordered_on,
                extract_customer_id,
                age,
                gender,
                country,
                number_of_orders,
                total_spend,
                average_order_value,
                subscription_status
        ) as person_number
    from customers

),

identified as (

    select
        concat('person ', right(concat('000000000', person_number), 9)) as customer_id,
        extract_customer_id,
        country,
        cast(null as {{ dbt.type_string() }}) as state,
        cast(number_of_orders as {{ dbt.type_bigint() }}) as frequency,
        total_spend as gross_revenue,
        coalesce(lower(subscription_status), '') in (
            'premium', 'yes', 'active', 'subscribed', 'true'
        ) as is_premium,
        first_ordered_on,
        last_ordered_on
    from numbered

)

select * from identified
