{% macro check_shops(problems) %}
{% set accepted = 'order_lines, orders, customers, or a mapping with grain, files and columns' %}
{% if var('shops') is not mapping %}
    {% do refuse_var(problems, 'shops', var('shops'), 'a mapping from names of shops to ' ~ accepted) %}
{% else %}
    {% for shop, entry in var('shops').items() %}
        {% if entry is mapping %}
            {% do check_mapped_shop(problems, shop, entry) %}
        {% elif entry not in ['order_lines', 'orders', 'customers'] %}
            {% do refuse_var(problems, 'shops.' ~ shop, entry, accepted) %}
        {% endif %}
    {% endfor %}
{% endif %}
{% endmacro %}


{% macro check_mapped_shop(problems, shop, entry) %}
{% set where, own = 'shops.' ~ shop, [] %}
{% for node in graph.nodes.values() if node.name.startswith('stg_' ~ shop ~ '__') %}{% do own.append(node.name) %}{% endfor %}
{% if shop is not string or not modules.re.fullmatch('[a-z][a-z0-9_]*', shop) %}
    {% do refuse_var(problems, 'shops', shop, 'names of small letters, digits and _, the first of them a letter') %}
{% elif own %}
    {% do refuse_var(problems, where, 'a mapping, and model ' ~ own[0], 'a name that no model begins with, because a shop has one or the other') %}
{% endif %}
{% do check_keys(problems, where, entry, ['grain', 'files', 'columns']) %}
{% if 'grain' in entry %}
    {% do check_choices(problems, where, {'grain': entry.grain}, ['order_lines', 'orders', 'customers']) %}
{% endif %}
{% if 'files' in entry and (entry.files is not string or not entry.files | trim) %}
    {% do refuse_var(problems, where ~ '.files', entry.files, 'a path, glob or URL of csv, csv.gz or parquet, or a relation') %}
{% endif %}
{% if 'columns' in entry and mappable_columns(entry.grain) %}
    {% do check_mapped_columns(problems, where ~ '.columns', entry.grain, entry.columns) %}
{% endif %}
{% endmacro %}


{% macro check_mapped_columns(problems, where, grain, columns) %}
{% if columns is not mapping %}
    {% do refuse_var(problems, where, columns, 'a mapping from columns to headers of the files, such as {order_id: Order No}') %}
{% else %}
    {% for column, header in columns.items() %}
        {% if column not in mappable_columns(grain) %}
            {% do refuse_var(problems, where, column, mappable_columns(grain).keys() | join(', ')) %}
        {% elif header is not string or not header | trim %}
            {% do refuse_var(problems, where ~ '.' ~ column, header, 'the header of a column, as a text') %}
        {% endif %}
    {% endfor %}
    {% for column in needed_columns(grain) if column not in columns %}
        {% do refuse_var(problems, where, 'no ' ~ column, 'mappings that name ' ~ needed_columns(grain) | join(', ')) %}
    {% endfor %}
    {% if grain == 'order_lines' and 'unit_price' not in columns and 'amount' not in columns %}
        {% do refuse_var(problems, where, 'neither unit_price nor amount', 'mappings that name one of them') %}
    {% endif %}
{% endif %}
{% endmacro %}
