-- Every customer is in customer_segments exactly once for each segmentation of the shop.
with

expected as (

    select
        customers.shop,
        customers.customer_id,
        segmentations.segmentation
    from {{ ref('patronage', 'customers') }} as customers
    inner join {{ ref('int_segmentations') }} as segmentations
        on customers.shop = segmentations.shop

),

found as (

    select
        shop,
        customer_id,
        segmentation
    from {{ ref('patronage', 'customer_segments') }}

),

differing as (

    select * from expected
    except all
    select * from found

),

differing_back as (

    select * from found
    except all
    select * from expected

)

select
    shop,
    customer_id,
    segmentation
from differing
union all
select
    shop,
    customer_id,
    segmentation
from differing_back
