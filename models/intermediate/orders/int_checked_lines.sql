with

order_lines as (

    {{ union_shops('order_lines') }}

),

service_codes as (

    select * from {{ ref('service_codes') }}

),

computed as (

    select
        order_lines.shop,
        nullif(order_lines.order_id, '') as order_id,
        -- a guest's id is missing, empty or 0, whatever the spelling
        nullif(nullif(order_lines.customer_id, ''), '0') as customer_id,
        order_lines.product_id,
        order_lines.product_name,
        order_lines.country,
        order_lines.quantity,
        order_lines.unit_price,
        {{ read_as('order_lines.quantity * order_lines.unit_price', money_type()) }} as amount,
        -- postage, fees, vouchers and the like move money but are no goods
        service_codes.product_id is null as is_merchandise,
        order_lines.ordered_at
    from order_lines
    left join service_codes
        on
            order_lines.shop = service_codes.shop
            and upper(order_lines.product_id) = service_codes.product_id

),

judged as (

    select
        *,
        case
            -- a value that no figure can do without is missing or cannot be read
            when order_id is null or ordered_at is null or amount is null then 'unreadable'
            -- the line lies after the day that this build stands on
            when {{ is_after_as_of_date('ordered_at') }} then 'after_as_of_date'
            -- book-keeping, not trade: bad debt and its corrections
            when order_id like 'A%' or unit_price < 0 then 'adjustment'
            -- stock write-offs, samples and mistakes: nothing was sold
            when unit_price = 0 then 'zero_price'
            else 'accepted'
        end as line_status,
        {{ row_fingerprint([
            'customer_id', 'product_id', 'product_name', 'country', 'quantity', 'unit_price', 'ordered_at',
        ]) }} as fingerprint
    from computed

)

select * from judged
