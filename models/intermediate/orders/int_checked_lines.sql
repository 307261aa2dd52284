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
        {{ missing_to_null('order_lines.order_id') }} as order_id,
        -- a guest's id is missing, empty or 0, whatever the spelling
        {{ missing_customer_to_null('order_lines.customer_id') }} as customer_id,
        {{ missing_to_null('order_lines.product_id') }} as product_id,
        order_lines.product_name,
        order_lines.country,
        order_lines.quantity,
        order_lines.unit_price,
        -- a total that the shop gives is what was paid; quantity x price leaves out weights and
        -- discounts
        case
            when order_lines.amount is null
                then {{ line_amount('order_lines.quantity', 'order_lines.unit_price') }}
            else {{ read_as('order_lines.amount', money_type()) }}
        end as amount,
        coalesce(order_lines.amount, order_lines.unit_price) = 0 as is_free,
        coalesce(order_lines.is_adjustment, false) as is_adjustment,
        -- postage, fees, vouchers and the like move money but are no goods
        service_codes.product_id is null as is_merchandise,
        order_lines.ordered_at,
        order_lines.file as raw_file
    from order_lines
    left join service_codes
        on
            order_lines.shop = service_codes.shop
            and upper(order_lines.product_id) = service_codes.product_id

),

-- what no order can hold is no value: another column's number, a year that has not come yet
believed as (

    select
        shop,
        order_id,
        customer_id,
        product_id,
        product_name,
        country,
        case when {{ is_believable_count('quantity') }} then quantity end as believed_quantity,
        unit_price,
        case when {{ is_believable_amount('amount') }} then amount end as believed_amount,
        is_merchandise,
        is_adjustment,
        is_free,
        case when {{ is_believable_time('ordered_at') }} then ordered_at end
            as believed_ordered_at,
        ordered_at as read_at,
        raw_file,
        {{ row_fingerprint([
            'customer_id', 'product_id', 'product_name', 'country', 'quantity', 'unit_price',
            'amount', 'ordered_at',
        ]) }} as fingerprint
    from computed

),

judged as (

    select
        shop,
        order_id,
        customer_id,
        product_id,
        product_name,
        country,
        believed_quantity as quantity,
        unit_price,
        believed_amount as amount,
        is_merchandise,
        believed_ordered_at as ordered_at,
        read_at,
        raw_file,
        case
            -- a value that no figure can do without is missing or cannot be read
            when
                order_id is null
                or believed_ordered_at is null
                or believed_quantity is null
                or believed_amount is null
                then 'unreadable'
            -- the line lies after the day that this build stands on
            when {{ is_after_as_of_date('believed_ordered_at') }} then 'after_as_of_date'
            -- book-keeping, not trade: bad debt and its corrections, money that goes the other way
            -- than the goods
            when
                is_adjustment
                or unit_price < 0
                or (believed_amount < 0 and believed_quantity > 0)
                or (believed_amount > 0 and believed_quantity < 0)
                then 'adjustment'
            -- stock write-offs, samples and mistakes: nothing was sold
            when is_free then 'zero_price'
            else 'accepted'
        end as line_status,
        fingerprint
    from believed

)

select * from judged
