{% set sums = [
    'customers', 'new_customers', 'orders', 'units_purchased', 'units_returned', 'gross_revenue',
    'returned_revenue', 'revenue', 'guest_revenue',
] -%}
{% set figures = ['revenue', 'orders', 'customers', 'average_order_value'] -%}

with

months as (

    select * from {{ ref('int_sales_months') }}

),

customer_sales_months as (

    select * from {{ ref('int_customer_sales_months') }}

),

first_months as (

    select
        shop,
        customer_id,
        min(month) as first_month
    from customer_sales_months
    where customer_id is not null and orders > 0
    group by shop, customer_id

),

summed as (

    select
        sales.shop,
        sales.month,
        count(case when sales.orders > 0 then sales.customer_id end) as customers,
        count(first_months.customer_id) as new_customers,
        {% for figure in ['orders', 'units_purchased', 'units_returned'] %}
        cast(sum(sales.{{ figure }}) as {{ dbt.type_bigint() }}) as {{ figure }},
        {% endfor %}
        {% for figure in ['gross_revenue', 'returned_revenue', 'revenue'] %}
        cast(sum(sales.{{ figure }}) as {{ money_type() }}) as {{ figure }},
        {% endfor %}
        cast(
            sum(case when sales.customer_id is null then sales.revenue else 0 end)
            as {{ money_type() }}
        ) as guest_revenue
    from customer_sales_months as sales
    left join first_months
        on
            sales.shop = first_months.shop
            and sales.customer_id = first_months.customer_id
            and sales.month = first_months.first_month
    group by sales.shop, sales.month

),

-- a month without sales is 0, so that the one before is always the row before
placed as (

    select
        months.shop,
        months.month,
        {% for figure in sums %}
        coalesce(summed.{{ figure }}, 0) as {{ figure }},
        {% endfor %}
        {{ money_ratio('summed.gross_revenue', 'summed.orders') }} as average_order_value,
        months.as_of_date
    from months
    left join summed
        on
            months.shop = summed.shop
            and months.month = summed.month

),

compared as (

    select
        *,
        {% for figure in figures %}
        lag({{ figure }}) over by_month as {{ figure }}_month_before,
        lag({{ figure }}, 12) over by_month as {{ figure }}_year_before,
        {% endfor %}
        {{ add_months(1, 'month') }} <= as_of_date as is_over
    from placed
    window by_month as (partition by shop order by month)

),

-- a month that is not over is held against no other
changed as (

    select
        shop,
        month,
        is_over,
        {% for figure in sums %}
        {{ figure }},
        {% endfor %}
        average_order_value,
        {% for figure in figures %}
        {% for period in ['month', 'year'] %}
        case
            when is_over then {{ difference_pct(figure, figure ~ '_' ~ period ~ '_before') }}
        end as {{ figure }}_change_in_{{ period }}_pct,
        {% endfor %}
        {% endfor %}
        as_of_date
    from compared

)

select * from changed
