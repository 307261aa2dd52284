with

order_rows as (

    select * from {{ ref('base_shopify__order_rows') }}

),

-- rows of further items belong to their order by its name; what has none stays by itself
orders as (

    select
        order_id,
        file,
        max(email) as email,
        max(financial_status) as financial_status,
        max(currency) as currency,
        max(country) as country,
        max(state) as state,
        min(created_at) as created_at,
        {{ dbt.bool_or('is_cancelled') }} as is_cancelled,
        max(total) as total,
        coalesce(max(refunded_amount), 0) as refunded_amount,
        -- where one file holds an order twice, its items are there twice
        cast(
            sum(quantity) / greatest(sum(case when is_first_row then 1 else 0 end), 1)
            as {{ dbt.type_bigint() }}
        ) as units,
        count(total) = 0
        or {{ dbt.bool_or('has_refund and refunded_amount is null') }}
        or {{ dbt.bool_or('has_quantity and quantity is null') }} as is_unreadable
    from order_rows
    group by order_id, file, case when order_id is null then line end

),

-- exports overlap: an order is what its copy says that has come furthest, because refunds and
-- cancellations are never taken back
ranked as (

    select
        *,
        row_number() over (
            partition by order_id
            order by
                is_unreadable asc,
                refunded_amount desc,
                is_cancelled desc,
                case
                    when financial_status in ('pending', 'authorized', 'partially_paid') then 1
                    else 0
                end asc,
                file desc
        ) as place
    from orders

)

select * from ranked
