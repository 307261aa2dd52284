{#- Shops that var shops describes by grain, files and columns: they need no model of their own. -#}

{% macro mapped_shops(grain=none) %}
{% set found = {} %}
{% for shop, entry in (var('shops') if var('shops') is mapping else {}).items() if entry is mapping and grain in [none, entry.grain] %}
    {% do found.update({shop: entry}) %}
{% endfor %}
{{ return(found) }}
{% endmacro %}


{% macro mapped_tables() %}
{% set names = [] %}
{% for shop, entry in mapped_shops().items() %}{% do names.append(shop ~ '_' ~ entry.grain) %}{% endfor %}
{{ return(names) }}
{% endmacro %}


{% macro mapped_extract(name) %}
{% for shop, entry in mapped_shops().items() if name == shop ~ '_' ~ entry.grain %}
    {% set config = {'is_mapped': true, 'shop': shop, 'location': entry.files, 'headers': {}} %}
    {% for column, header in entry.columns.items() %}
        {% do config.headers.update({column: [header]}) %}
        {% do config.setdefault(mappable_columns(entry.grain)[column], []).append(column) %}
    {% endfor %}
    {{ return(config) }}
{% endfor %}
{{ return(none) }}
{% endmacro %}


{% macro mappable_columns(grain) %}
{#- What can be named of a file, and how it is read. -#}
{% set columns = {
    'order_lines': {
        'order_id': 'ids', 'customer_id': 'ids', 'ordered_at': 'dates', 'quantity': 'whole_numbers', 'unit_price': 'amounts',
        'amount': 'amounts', 'product_id': 'texts', 'product_name': 'texts', 'country': 'texts',
    },
    'orders': {
        'order_id': 'ids', 'customer_id': 'ids', 'ordered_at': 'dates', 'amount': 'amounts', 'returned_amount': 'amounts',
        'units': 'whole_numbers', 'units_returned': 'whole_numbers', 'order_status': 'texts', 'country': 'texts', 'state': 'texts',
    },
    'customers': {
        'customer_id': 'ids', 'first_ordered_on': 'dates', 'last_ordered_on': 'dates', 'frequency': 'whole_numbers',
        'gross_revenue': 'amounts', 'is_premium': 'words', 'country': 'texts', 'state': 'texts',
    },
}.get(grain, {}) %}
{% for name in customer_attributes() if columns %}{% do columns.update({name: 'texts'}) %}{% endfor %}
{{ return(columns) }}
{% endmacro %}


{% macro needed_columns(grain) %}
{#- Of a line, unit_price or amount besides. -#}
{{ return({
    'order_lines': ['order_id', 'customer_id', 'ordered_at', 'quantity'],
    'orders': ['order_id', 'customer_id', 'ordered_at', 'amount'],
    'customers': ['customer_id', 'first_ordered_on', 'last_ordered_on', 'frequency', 'gross_revenue'],
}.get(grain, [])) }}
{% endmacro %}


{% macro land_mapped_shops(problems) %}
{% for shop, entry in mapped_shops().items() if 'model.patronage.stg_mapped__' ~ entry.grain in selected_resources %}
    {% set name, found = shop ~ '_' ~ entry.grain, [] %}
    {% do check_mapped_shop(found, shop, entry) %}
    {#- What is wrong with the var has been said already. -#}
    {% if not found %}
        {% do land_location(found, name, mapped_extract(name), entry.files) %}
        {% for problem in found %}{% do problems.append(problem | replace('var ' ~ name ~ ': ', 'var shops.' ~ shop ~ ': ')) %}{% endfor %}
    {% endif %}
{% endfor %}
{% endmacro %}
