{% macro trait_words(trait, value, shop_value) -%}
{%- set ratio = value ~ ' / ' ~ shop_value -%}
case
    when {{ trait }} = 'recency'
        then concat(
            'last order ', {{ count_words('round(' ~ value ~ ')', 'day') }}, ' ago (shop: ',
            {{ number_words('round(' ~ shop_value ~ ')') }}, ')'
        )
    when {{ trait }} = 'orders' and {{ value }} = 0 then 'never bought'
    when {{ trait }} = 'orders'
        then concat(
            {{ number_words(value, 1) }}, ' orders per customer (shop: ',
            {{ number_words(shop_value, 1) }}, ')'
        )
    when {{ trait }} = 'revenue' and {{ value }} = 0 then 'brought nothing in'
    when {{ trait }} = 'revenue' and {{ value }} >= {{ shop_value }}
        then concat('spends ', {{ number_words(ratio, 1) }}, ' × the average')
    when {{ trait }} = 'revenue'
        then concat('spends ', {{ short_words('100 * ' ~ ratio) }}, ' % of the average')
    when {{ trait }} = 'order_value' and {{ value }} = 0 then 'orders of no value'
    when {{ trait }} = 'order_value'
        then concat(
            'average order ', {{ number_words(value, 2) }}, ' (shop: ',
            {{ number_words(shop_value, 2) }}, ')'
        )
    when {{ trait }} = 'order_units' and {{ value }} = 0 then 'no items in the orders'
    when {{ trait }} = 'order_units'
        then concat(
            {{ short_words(value) }}, ' items per order (shop: ', {{ short_words(shop_value) }}, ')'
        )
    when {{ trait }} = 'returned_units' and {{ value }} = 0 then 'returned nothing they had bought'
    when {{ trait }} = 'returned_units'
        then concat(
            'returned ', {{ short_words(value) }}, ' % of items (shop: ',
            {{ short_words(shop_value) }}, ' %)'
        )
    when {{ trait }} = 'return_orders' and {{ value }} = 0 then 'no order with returns'
    when {{ trait }} = 'return_orders'
        then concat(
            {{ short_words(value) }}, ' % of orders with returns (shop: ',
            {{ short_words(shop_value) }}, ' %)'
        )
    when {{ trait }} = 'one_order' and {{ value }} = 0 then 'nobody bought only once'
    when {{ trait }} = 'one_order' and {{ value }} = 100
        then concat('everybody bought only once (shop: ', {{ short_words(shop_value) }}, ' %)')
    when {{ trait }} = 'one_order'
        then concat(
            {{ short_words(value) }}, ' % bought only once (shop: ', {{ short_words(shop_value) }},
            ' %)'
        )
end
{%- endmacro %}
