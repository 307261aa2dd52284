with

customers as (

    {{ union_shops('customers') }}

),

judged as (

    select
        *,
        case
            -- a value that no figure can do without is missing or cannot be read
            when
                customer_id is null
                or first_ordered_on is null
                or last_ordered_on is null
                or frequency is null
                or gross_revenue is null
                then 'unreadable'
            -- the customer was last seen after the day that this build stands on
            when {{ is_after_as_of_date('last_ordered_on') }} then 'after_as_of_date'
            else 'accepted'
        end as row_status
    from customers

)

select * from judged
