-- In each segmentation a customer is in one segment at the end of every month of the history:
-- spells have as many months as the history, and do not overlap.
with

history as (

    select
        shop,
        customer_id,
        min(month) as first_month,
        max(month) as last_month,
        count(*) as months
    from {{ ref('int_customer_history') }}
    group by shop, customer_id

),

spells as (

    select
        shop,
        segmentation,
        customer_id,
        min(first_month) as first_month,
        max(last_month) as last_month,
        sum({{ months_between('first_month', 'last_month') }} + 1) as months,
        min({{ months_between('first_month', 'last_month') }} + 1) as fewest_months
    from {{ ref('int_segment_spells') }}
    group by shop, segmentation, customer_id

),

expected as (

    select
        history.*,
        segmentations.segmentation
    from history
    inner join {{ ref('int_segmentations') }} as segmentations
        on history.shop = segmentations.shop

)

select
    expected.shop,
    expected.segmentation,
    expected.customer_id,
    expected.months as history_months,
    spells.months as spell_months
from expected
left join spells
    on
        expected.shop = spells.shop
        and expected.segmentation = spells.segmentation
        and expected.customer_id = spells.customer_id
where
    spells.months is null
    or spells.months <> expected.months
    or spells.fewest_months < 1
    or spells.first_month <> expected.first_month
    or spells.last_month <> expected.last_month
