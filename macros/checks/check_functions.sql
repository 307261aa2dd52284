{% macro check_functions_are_there(problems) %}
{% set needed, missing = [], [] %}
{% for unique_id, node in graph.nodes.items() if unique_id in selected_resources %}
    {% do needed.extend(node.depends_on.nodes) %}
{% endfor %}
{% for unique_id, function in graph.functions.items() if unique_id in needed and not function_exists(function) %}
    {% do missing.append(function.name) %}
{% endfor %}
{% if missing %}
    {% do problems.append(
        'dbt run: the selected models need functions that are not in the warehouse (' ~ missing | sort | join(', ')
        ~ '), and dbt run does not create functions; use dbt build.'
    ) %}
{% endif %}
{% endmacro %}
