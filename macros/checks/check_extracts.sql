{% macro check_extracts_are_named_together(problems) %}
{% for shop in (var('shops') if var('shops') is mapping else []) %}
    {% set named, missing = [], [] %}
    {% for node in graph.nodes.values() if (node.config.get('meta') or {}).get('extract', '').startswith(shop ~ '_') %}
        {% do (missing if var(node.config.meta.extract, none) is none else named).append(node.config.meta.extract) %}
    {% endfor %}
    {% if named and missing %}
        {% do problems.append(
            'vars ' ~ missing | join(', ') ~ ': found none, but ' ~ named | join(', ') ~ ' is named; accepted: all raw tables of shop '
            ~ shop ~ ' or none of them, because real and demo data do not mix.'
        ) %}
    {% endif %}
{% endfor %}
{% endmacro %}
