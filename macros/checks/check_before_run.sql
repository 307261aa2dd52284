{% macro check_before_run() %}
{% if execute %}
    {% set problems, extracts = [], [] %}
    {% do check_vars(problems) %}
    {% do check_extracts_are_named_together(problems) %}
    {% if flags.WHICH in ['build', 'run'] %}
        {% for node in graph.nodes.values() if node.config.get('meta', {}).get('extract') %}
            {% if var(node.config.meta.extract, none) is not none %}{% do extracts.append(node.config.meta.extract) %}{% endif %}
        {% endfor %}
        {% for name in extracts %}{% do check_extract_is_there(problems, name) %}{% endfor %}
    {% endif %}
    {% if flags.WHICH == 'run' %}{% do check_functions_are_there(problems) %}{% endif %}
    {% do stop_at(problems) %}
    {% if flags.WHICH in ['build', 'run'] %}
        {% do create_extract_report() %}
        {% for name in extracts %}{% do report_extract(name, profile_extract(name)) %}{% endfor %}
    {% endif %}
{% endif %}
{% endmacro %}


{% macro stop_at(problems) %}
{% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
{% endmacro %}
