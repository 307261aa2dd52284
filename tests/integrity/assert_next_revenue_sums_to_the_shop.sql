-- In each segmentation, the segments hold every customer who had bought before a cutoff, once, and
-- bring what these customers' orders in the horizon after it come to. Both counted from orders; a
-- shop of which a sample is drawn is passed over.
with

orders as (

    select * from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0

),

first_purchases as (

    select
        shop,
        customer_id,
        min(ordered_on) as first_ordered_on
    from orders
    where purchase_lines > 0
    group by shop, customer_id

),

sampled_shops as (

    select shop
    from {{ ref('int_customer_orders') }}
    group by shop
    having count(*) > {{ var('fit_rows') }}

),

expected as (

    select
        cutoffs.shop,
        cutoffs.periods_ago,
        count(distinct first_purchases.customer_id) as customers,
        coalesce(sum(orders.accepted_amount), 0) as next_revenue
    from {{ ref('int_prediction_cutoffs') }} as cutoffs
    inner join first_purchases
        on
            cutoffs.shop = first_purchases.shop
            and cutoffs.cutoff_on > first_purchases.first_ordered_on
    left join orders
        on
            first_purchases.shop = orders.shop
            and first_purchases.customer_id = orders.customer_id
            and cutoffs.cutoff_on <= orders.ordered_on
            and {{ add_days(var('prediction_horizon_days'), 'cutoffs.cutoff_on') }}
            > orders.ordered_on
    where cutoffs.periods_ago > 0
    group by cutoffs.shop, cutoffs.periods_ago

),

pooled as (

    select
        shop,
        sum(customers) as customers,
        sum(next_revenue) as next_revenue
    from expected
    where shop not in (select sampled_shops.shop from sampled_shops)
    group by shop

),

found as (

    select
        segmentations.shop,
        segmentations.segmentation,
        sum(outlook.customers) as customers,
        sum(outlook.next_revenue) as next_revenue
    from {{ ref('int_segmentations') }} as segmentations
    left join {{ ref('patronage', 'segment_outlook') }} as outlook
        on
            segmentations.shop = outlook.shop
            and segmentations.segmentation = outlook.segmentation
    group by segmentations.shop, segmentations.segmentation

)

select
    pooled.shop,
    found.segmentation,
    pooled.customers,
    found.customers as found_customers,
    pooled.next_revenue,
    found.next_revenue as found_next_revenue
from pooled
inner join found
    on pooled.shop = found.shop
where
    pooled.customers is distinct from found.customers
    or pooled.next_revenue is distinct from found.next_revenue
