{{ config(post_hook="{{ stop_at_unusable_shops('customers') }}") }}
with

customers as (

    {{ union_shops('customers') }}

),

-- what no customer can have is no value: another column's number, a year that has not come yet
believed as (

    select
        shop,
        {{ missing_to_null('customer_id') }} as customer_id,
        country,
        state,
        case when frequency >= 0 and {{ is_believable_count('frequency') }} then frequency end
            as frequency,
        case when {{ is_believable_amount('gross_revenue') }} then gross_revenue end
            as gross_revenue,
        is_premium,
        case when {{ is_believable_time('first_ordered_on') }} then first_ordered_on end
            as first_ordered_on,
        case when {{ is_believable_time('last_ordered_on') }} then last_ordered_on end
            as last_ordered_on
    from customers

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
    from believed

)

select * from judged
