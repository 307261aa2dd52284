-- Who moves into a month is everybody known by its end, and who moves out of a segment is everybody
-- known a month earlier: customers counted from orders.
with

first_months as (

    select
        shop,
        customer_id,
        {{ month_of('min(ordered_on)') }} as month
    from {{ ref('int_orders') }}
    where customer_id is not null and accepted_lines > 0
    group by shop, customer_id

),

segmentations as (

    select distinct
        shop,
        segmentation
    from {{ ref('patronage', 'segment_migrations') }}

),

expected as (

    select
        month_ends.shop,
        segmentations.segmentation,
        month_ends.month,
        count(*) as customers,
        count(case when first_months.month < month_ends.month then 1 end) as known_before
    from {{ ref('int_month_ends') }} as month_ends
    inner join first_months
        on
            month_ends.shop = first_months.shop
            and month_ends.month >= first_months.month
    inner join segmentations
        on month_ends.shop = segmentations.shop
    group by month_ends.shop, segmentations.segmentation, month_ends.month

),

found as (

    select
        shop,
        segmentation,
        month,
        sum(customers) as customers,
        sum(case when from_segment <> '(new)' then customers else 0 end) as known_before
    from {{ ref('patronage', 'segment_migrations') }}
    group by shop, segmentation, month

)

select
    expected.customers,
    found.customers as found_customers,
    expected.known_before,
    found.known_before as found_known_before,
    coalesce(expected.shop, found.shop) as shop,
    coalesce(expected.segmentation, found.segmentation) as segmentation,
    coalesce(expected.month, found.month) as month
from expected
full outer join found
    on
        expected.shop = found.shop
        and expected.segmentation = found.segmentation
        and expected.month = found.month
where
    expected.customers is distinct from found.customers
    or expected.known_before is distinct from found.known_before
