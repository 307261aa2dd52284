-- All of a customer's orders are those with an accepted line, each of them once, whether it sold,
-- took back, or did both.
with

expected as (

    select
        shop,
        customer_id,
        count(*) as all_orders,
        count(case when returned_amount > 0 then 1 end) as return_orders
    from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0
    group by shop, customer_id

)

select
    customers.shop,
    customers.customer_id,
    customers.all_orders,
    customers.return_orders,
    expected.all_orders as expected_orders,
    expected.return_orders as expected_return_orders
from {{ ref('int_customer_rfm') }} as customers
inner join expected
    on
        customers.shop = expected.shop
        and customers.customer_id = expected.customer_id
where
    customers.all_orders <> expected.all_orders
    or customers.return_orders <> expected.return_orders
