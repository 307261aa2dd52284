{% macro check_before_run() %}
{% if execute and selects_ours() %}
    {% set problems = [] %}
    {% do check_versions(problems) %}
    {% do check_refs(problems) %}
    {% do check_vars(problems) %}
    {% do check_extracts_are_named_together(problems) %}
    {% if flags.WHICH == 'run' %}{% do check_functions_are_there(problems) %}{% endif %}
    {% if flags.WHICH in ['build', 'run', 'retry'] %}
        {% do clear_unfinished_tables() %}
        {% do create_extracts_table() %}
        {% do land_extracts(problems) %}
    {% endif %}
    {% do stop_at(problems) %}
{% endif %}
{% endmacro %}


{% macro stop_at(problems) %}
{% if problems %}{{ exceptions.raise_compiler_error(problems | join('\n')) }}{% endif %}
{% endmacro %}
