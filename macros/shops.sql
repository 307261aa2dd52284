{% macro union_shops(grain) -%}
{%- set columns = canonical_columns(grain) -%}
{%- for shop in shops_of_grain(grain) %}
{%- set entry = ref(entry_model(shop)) %}
{%- set missing = missing_columns(entry, grain) %}
    select
        '{{ shop }}' as shop
        {%- for column, type in columns.items() %},
        {{ 'cast(null as ' ~ type ~ ') as ' if column in missing }}{{ column }}
        {%- endfor %}
    from {{ entry }}
    {{- '\n    where shop = ' ~ sql_text(shop) if shop in mapped_shops() }}
    {{- '\n    union all' if not loop.last }}
{%- else %}
    select
        cast(null as {{ dbt.type_string() }}) as shop
        {%- for column, type in columns.items() %},
        cast(null as {{ type }}) as {{ column }}
        {%- endfor %}
    where false
{%- endfor %}
{%- endmacro %}


{% macro missing_columns(entry, grain) %}
{% set found, missing, needed = [], [], [] %}
{% set relation = load_relation(entry) if execute and entry.schema else none %}
{% if relation %}
    {% for column in adapter.get_columns_in_relation(relation) %}{% do found.append(column.name | lower) %}{% endfor %}
{% else %}
    {#- dbt compile before the first build; a unit test knows neither, and gives every column. -#}
    {% for node in (graph.nodes or {}).values() if node.name == entry.identifier %}{% do found.extend(node.columns) %}{% endfor %}
{% endif %}
{% set optional = optional_columns(grain) + (['unit_price'] if 'amount' in found else []) %}
{% for column in canonical_columns(grain) if found and column not in found %}
    {% do (missing if column in optional else needed).append(column) %}
{% endfor %}
{% if relation and needed %}
    {{ exceptions.raise_compiler_error(
        'model ' ~ entry.identifier ~ ': found no column ' ~ needed | join(', ') ~ '; accepted: a model with the columns '
        ~ canonical_columns(grain) | join(', ') ~ ', of which ' ~ (optional | join(', ') or 'none') ~ ' may be missing.'
    ) }}
{% endif %}
{{ return(missing) }}
{% endmacro %}


{% macro shops_of_grain(grain) %}
{#- None where shops is no mapping: check_vars says so, together with all else that is wrong. -#}
{% set names = [] %}
{% for shop, entry in (var('shops') if var('shops') is mapping else {}).items() if grain in [entry, entry.grain] %}
    {% do names.append(shop) %}
{% endfor %}
{{ return(names) }}
{% endmacro %}


{% macro entry_model(shop) %}
{% set entry = var('shops')[shop] %}
{{ return('stg_mapped__' ~ entry.grain if entry is mapping else 'stg_' ~ shop ~ '__' ~ entry) }}
{% endmacro %}


{% macro customer_shops() -%}
{%- for shop in shops_of_grain('customers') -%}
    {{ sql_text(shop) }}{{ ', ' if not loop.last }}
{%- else -%}
    ''
{%- endfor -%}
{%- endmacro %}


{% macro is_accepted_order(shop, order_status) -%}
(
    {%- for name in shops_of_grain('orders') %}
                {%- set statuses = var('accepted_order_statuses').get(name) %}
                {{ 'or ' if not loop.first }}{{ shop }} = '{{ name }}'
                {%- if statuses %} and {{ order_status }} in (
                    {%- for status in statuses %}{{ sql_text(status) }}{{ ', ' if not loop.last }}{% endfor -%}
                ){% endif %}
    {%- else %}
                false
    {%- endfor %}
            )
{%- endmacro %}


{% macro canonical_columns(grain) -%}
{#- The declared input: what a shop's entry model has to offer, by grain. -#}
{%- set text, whole = dbt.type_string(), dbt.type_bigint() -%}
{%- set columns = {
    'order_lines': {
        'order_id': text, 'customer_id': text, 'product_id': text, 'product_name': text, 'country': text,
        'quantity': 'integer', 'unit_price': money_type(), 'amount': money_type(), 'is_adjustment': 'boolean',
        'ordered_at': 'timestamp', 'file': text,
    },
    'orders': {
        'order_id': text, 'customer_id': text, 'country': text, 'state': text, 'order_status': text,
        'units': whole, 'units_returned': whole, 'amount': money_type(), 'returned_amount': money_type(),
        'is_unreadable': 'boolean', 'ordered_at': 'timestamp',
    },
    'customers': {
        'customer_id': text, 'country': text, 'state': text, 'frequency': whole,
        'gross_revenue': money_type(), 'is_premium': 'boolean', 'first_ordered_on': 'date',
        'last_ordered_on': 'date',
    },
}[grain] -%}
{%- for name in customer_attributes() %}{% do columns.update({name: text}) %}{% endfor -%}
{{ return(columns) }}
{%- endmacro %}


{% macro optional_columns(grain) %}
{#- Of a line, unit_price may be missing, too, where there is an amount. -#}
{{ return(customer_attributes() + {
    'order_lines': ['amount', 'is_adjustment', 'file'],
    'orders': ['returned_amount', 'units_returned', 'is_unreadable'],
}.get(grain, [])) }}
{% endmacro %}
