with

spells as (

    select * from {{ ref('int_segment_spells') }}

),

purchases as (

    select
        shop,
        customer_id,
        month as purchase_month,
        {{ add_months(-months_followed(), 'month') }} as earliest_month
    from {{ ref('int_customer_months') }}
    where orders > 0

),

-- a month with a purchase is seen from its own end and the ends of the twelve months before: from
-- those that lie in the spell
seen as (

    select
        spells.shop,
        spells.segmentation,
        spells.segment,
        purchases.purchase_month,
        greatest(spells.first_month, purchases.earliest_month) as first_month,
        least(spells.last_month, purchases.purchase_month) as last_month
    from spells
    inner join purchases
        on
            spells.shop = purchases.shop
            and spells.customer_id = purchases.customer_id
            and spells.first_month <= purchases.purchase_month
            and spells.last_month >= purchases.earliest_month

),

-- counted before they are spread over their months, which are many
counted as (

    select
        shop,
        segmentation,
        segment,
        purchase_month,
        first_month,
        last_month,
        count(*) as customers
    from seen
    group by shop, segmentation, segment, purchase_month, first_month, last_month

),

spread as (

    select
        *,
        {{ each_month('first_month', 'last_month') }} as month
    from counted

),

summed as (

    select
        shop,
        segmentation,
        segment,
        month,
        purchase_month,
        cast(sum(customers) as {{ dbt.type_bigint() }}) as customers
    from spread
    group by shop, segmentation, segment, month, purchase_month

)

select * from summed
