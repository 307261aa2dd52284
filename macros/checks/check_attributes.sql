{% macro check_attributes(problems) %}
{% set name, value, taken = 'customer_attributes', var('customer_attributes'), ['segmentation', 'reason', 'campaign'] %}
{% if not is_list_of_texts(value) %}
    {% do refuse_var(problems, name, value, 'a list of names of columns') %}
{% else %}
    {% for grain in ['order_lines', 'orders', 'customers'] %}
        {% for column in canonical_columns(grain) if column not in value %}{% do taken.append(column) %}{% endfor %}
    {% endfor %}
    {% for node in graph.nodes.values() if node.name == 'customers' and node.package_name == 'patronage' %}
        {% do taken.extend(node.columns) %}
    {% endfor %}
    {% for attribute in value if attribute in taken or value.count(attribute) > 1 or not modules.re.fullmatch('[a-z][a-z0-9_]*', attribute) %}
        {% do refuse_var(problems, name, attribute, 'names of small letters, digits and _, each once, that are no columns of the shops or of customers yet') %}
    {% endfor %}
{% endif %}
{% endmacro %}
