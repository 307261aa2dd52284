with

customers as (

    select * from {{ ref('base_department_store__customers') }}

),

grouped as (

    select
        extract_customer_id,
        count(*) as row_count,
        count(distinct gender) <= 1 and count(distinct country) <= 1 as is_same_gender_and_country,
        count(distinct first_ordered_on) <= 1 as is_same_first_order,
        max(age) - min(age) <= 1 as is_same_age
    from customers
    group by extract_customer_id

),

found as (

    select
        'department_store' as shop,
        cast(sum(row_count) as {{ dbt.type_bigint() }}) as row_count,
        count(*) as distinct_ids,
        count(case when row_count > 1 then 1 end) as repeated_ids,
        cast(
            coalesce(sum(case when row_count > 1 then row_count end), 0) as {{ dbt.type_bigint() }}
        ) as rows_with_repeated_id,
        count(
            case when row_count > 1 and is_same_gender_and_country and is_same_age then 1 end
        ) as ids_of_similar_people,
        -- rows that update one person keep the day of the first order as well
        count(
            case
                when
                    row_count > 1
                    and is_same_gender_and_country
                    and is_same_age
                    and is_same_first_order
                    then 1
            end
        ) as ids_that_look_like_updates
    from grouped

),

shared as (

    select
        *,
        {{ percentage('rows_with_repeated_id', 'row_count') }} as rows_with_repeated_id_pct
    from found

)

select * from shared
