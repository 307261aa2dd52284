{% macro is_accepted_order(shop, order_status) -%}
(
    {%- for name, grain in var('shops').items() if grain == 'orders' %}
                {%- set statuses = var('accepted_order_statuses').get(name) %}
                {{ 'or ' if not loop.first }}{{ shop }} = '{{ name }}'
                {%- if statuses %} and {{ order_status }} in ('{{ statuses | join("', '") }}'){% endif %}
    {%- else %}
                false
    {%- endfor %}
            )
{%- endmacro %}
