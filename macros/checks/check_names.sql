{% macro check_names(problems) %}
{#- A misspelt var would be nobody's: the build would take its default, the demo's data for example, and succeed. -#}
{% for name in invocation_args_dict.get('vars') or {} if name not in known_vars() %}
    {% set nearest = nearest_name(name, known_vars()) %}
    {#- In a project that installs this one, a var may belong to somebody else unless it looks like ours. -#}
    {% if project_name == 'patronage' or likeness(name, nearest) >= 0.8 %}
        {% do problems.append(
            'var ' ~ name ~ ': there is no var of this name; accepted: those of dbt_project.yml, of which ' ~ nearest ~ ' is the nearest.'
        ) %}
    {% endif %}
{% endfor %}
{% for name in ['extract_encodings', 'extract_date_orders', 'extract_decimal_signs', 'extract_time_zones'] if var(name) is mapping %}
    {% for extract in var(name) if extract not in raw_tables() + mapped_tables() %}
        {% do refuse_var(problems, name, extract, 'names of raw tables, of which ' ~ nearest_name(extract, raw_tables() + mapped_tables()) ~ ' is the nearest') %}
    {% endfor %}
{% endfor %}
{% endmacro %}


{% macro known_vars() %}
{{ return(
    var_rules().keys() | list + raw_tables()
    + [
        'accepted_order_statuses', 'customer_attributes', 'extract_time_zones', 'own_segmentations', 'primary_segmentation',
        'score_with_fits', 'segmentations', 'shop_currencies', 'shop_names', 'shops',
    ]
) }}
{% endmacro %}


{% macro raw_tables() %}
{% set names = [
    'campaigns', 'department_store_customers', 'olist_customers', 'olist_order_items', 'olist_order_payments', 'olist_orders',
    'online_retail_order_lines', 'shopify_orders',
] %}
{#- And those of shops that a project has added. -#}
{% for node in graph.nodes.values() if (node.config.get('meta') or {}).get('extract') %}
    {% do names.append(node.config.meta.extract) %}
{% endfor %}
{{ return(names) }}
{% endmacro %}


{% macro nearest_name(name, names) %}
{% set nearest = namespace(name=none, likeness=-1) %}
{% for candidate in names if likeness(name, candidate) > nearest.likeness %}
    {% set nearest.name = candidate %}
    {% set nearest.likeness = likeness(name, candidate) %}
{% endfor %}
{{ return(nearest.name) }}
{% endmacro %}


{% macro likeness(one, other) %}
{#- Dice (1945), over pairs of neighbouring letters. -#}
{% set pairs, others, common = [], [], [] %}
{% for place in range((one | length) - 1) %}{% do pairs.append(one[place:place + 2]) %}{% endfor %}
{% for place in range((other | length) - 1) %}{% do others.append(other[place:place + 2]) %}{% endfor %}
{% for pair in pairs | unique if pair in others %}{% do common.append(pair) %}{% endfor %}
{{ return(2 * (common | length) / [(pairs | unique | list | length) + (others | unique | list | length), 1] | max) }}
{% endmacro %}
