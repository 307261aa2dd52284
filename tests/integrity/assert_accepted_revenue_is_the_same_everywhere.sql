-- Shops that enter by customers have no months, hence no segment_revenue.
-- The accepted amount of data_quality = segment_revenue of each segmentation = customers + guests,
-- to the penny.
with

accepted as (

    select
        shop,
        sum(amount) as amount
    from {{ ref('patronage', 'data_quality') }}
    where line_status in ('accepted', 'unpaid')
    group by shop

),

by_segment as (

    select
        shop,
        segmentation,
        sum(revenue) as amount,
        sum(gross_revenue) - sum(returned_revenue) as gross_less_returned
    from {{ ref('patronage', 'segment_revenue') }}
    group by shop, segmentation

),

of_customers as (

    select
        shop,
        sum(monetary) as amount
    from {{ ref('patronage', 'customers') }}
    group by shop

),

of_guests as (

    select
        shop,
        sum(accepted_amount) as amount
    from {{ ref('int_orders') }}
    where customer_id is null
    group by shop

)

select
    accepted.shop,
    by_segment.segmentation,
    accepted.amount,
    by_segment.amount as by_segment,
    by_segment.gross_less_returned,
    of_customers.amount as of_customers,
    of_guests.amount as of_guests
from accepted
left join by_segment
    on accepted.shop = by_segment.shop
left join of_customers
    on accepted.shop = of_customers.shop
left join of_guests
    on accepted.shop = of_guests.shop
where
    accepted.amount <> by_segment.amount
    or accepted.amount <> by_segment.gross_less_returned
    or (
        by_segment.shop is null
        and accepted.shop in (select orders.shop from {{ ref('int_orders') }} as orders)
    )
    {% if var('rfm_window_days') is none -%}
    or accepted.amount <> coalesce(of_customers.amount, 0) + coalesce(of_guests.amount, 0)
    {%- endif %}
