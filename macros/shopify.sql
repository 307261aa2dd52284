{% macro status_with_currency(status, currency) -%}
{%- set wanted = var('shop_currencies').get('shopify') if var('shop_currencies') is mapping else none -%}
{%- if wanted -%}
case
            when {{ currency }} <> {{ sql_text(wanted) }} then concat('in ', {{ currency }})
            else {{ status }}
        end
{%- else -%}
{{ status }}
{%- endif -%}
{%- endmacro %}


{% macro stop_at_shopify_currencies() %}
{% if execute and not flags.EMPTY and not var('shop_currencies').get('shopify') %}
    {% set currencies_query %}
select currency, count(distinct order_id) as orders
from {{ this }}
where currency is not null
group by currency
order by orders desc, currency
    {% endset %}
    {% set words = [] %}
    {% for row in run_query(currencies_query).rows %}{% do words.append('{:,}'.format(row['orders']) ~ ' in ' ~ row['currency']) %}{% endfor %}
    {% if words | length > 1 %}
        {% do stop_at([
            'shop shopify: found orders in several currencies (' ~ words | join(', ')
            ~ '); accepted: one, because their sums would mean nothing, or var shop_currencies: {shopify: '
            ~ words[0][-3:] ~ '}, and orders in another are counted and left out then.'
        ]) %}
    {% endif %}
{% endif %}
{% endmacro %}
