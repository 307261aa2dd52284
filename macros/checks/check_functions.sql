{% macro check_functions_are_there(problems) %}
{% set missing = [] %}
{% for unique_id, node in graph.nodes.items() if unique_id in selected_resources %}
    {% for needed in node.depends_on.nodes if needed in graph.functions and needed not in missing %}
        {% if not function_exists(graph.functions[needed]) %}{% do missing.append(needed) %}{% endif %}
    {% endfor %}
{% endfor %}
{% if missing %}
    {% do problems.append(
        'dbt run: the selected models need functions that are not in the warehouse ('
        ~ missing | map('replace', 'function.' ~ project_name ~ '.', '') | sort | join(', ')
        ~ '), and dbt run does not create functions; use dbt build.'
    ) %}
{% endif %}
{% endmacro %}
