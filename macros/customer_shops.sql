{% macro customer_shops() -%}
{%- set shops = [] -%}
{%- for shop, grain in var('shops').items() if grain == 'customers' -%}
    {%- do shops.append(sql_text(shop)) -%}
{%- endfor -%}
{{ shops | join(', ') or "''" }}
{%- endmacro %}
