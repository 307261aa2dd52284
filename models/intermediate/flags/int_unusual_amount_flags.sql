with

orders as (

    select
        shop,
        order_id,
        customer_id,
        accepted_amount as order_amount,
        ln(cast(abs(accepted_amount) as double)) as log_amount
    from {{ ref('int_orders') }}
    where accepted_amount <> 0

),

shop_amounts as (

    select * from {{ ref('int_shop_amounts') }}

),

customer_amounts as (

    select * from {{ ref('int_customer_amounts') }}

),

-- whoever orders often is held against their own orders; guests and newcomers against the shop's
compared as (

    select
        orders.shop,
        orders.order_id,
        orders.order_amount,
        customer_amounts.customer_id is not null as is_own_usual,
        orders.log_amount
        - coalesce(customer_amounts.median_log_amount, shop_amounts.median_log_amount) as distance,
        coalesce(customer_amounts.median_deviation, shop_amounts.median_deviation)
            as median_deviation
    from orders
    inner join shop_amounts
        on orders.shop = shop_amounts.shop
    left join customer_amounts
        on
            orders.shop = customer_amounts.shop
            and orders.customer_id = customer_amounts.customer_id

),

-- Iglewicz and Hoaglin (1993), the modified z-score; without any spread there is none
scored as (

    select
        *,
        0.6745e0 * distance / nullif(median_deviation, 0) as robust_z
    from compared

),

judged as (

    select
        *,
        case when is_own_usual then 'this customer''s' else 'the shop''s' end as usual_of,
        case
            -- far more went out than usual
            when
                robust_z > {{ var('flag_amount_z') }}
                and distance >= ln({{ var('flag_amount_times') }})
                and order_amount > 0
                then 'above'
            -- far more came back than a usual order brings
            when
                robust_z > {{ var('flag_amount_z') }}
                and distance >= ln({{ var('flag_amount_times') }})
                then 'returned'
            -- a sliver of what this customer orders; guests and newcomers begin small
            when
                robust_z < -{{ var('flag_amount_z') }}
                and distance <= -ln({{ var('flag_low_amount_times') }})
                and order_amount > 0
                and is_own_usual
                then 'below'
        end as kind
    from scored

),

worded as (

    select
        shop,
        order_id,
        case kind
            when 'above'
                then concat(
                    'amount ', {{ number_words('order_amount', 2) }}, ', ',
                    {{ number_words('exp(distance)', 1) }}, ' times ', usual_of, ' usual'
                )
            when 'returned'
                then concat(
                    {{ number_words('-order_amount', 2) }}, ' returned, ',
                    {{ number_words('exp(distance)', 1) }}, ' times ', usual_of, ' usual order'
                )
            else concat(
                'amount ', {{ number_words('order_amount', 2) }}, ', 1/',
                {{ number_words('exp(-distance)') }}, ' of ', usual_of, ' usual'
            )
        end as reason,
        {{ rounded('robust_z', 6) }} as robust_z
    from judged
    where kind is not null

)

select * from worded
