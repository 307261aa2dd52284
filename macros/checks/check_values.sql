{% macro check_choices(name, choices, accepted) %}
{% if choices is not mapping %}{% do refuse_var(name, choices, 'a mapping whose values are ' ~ accepted | join(', ')) %}{% endif %}
{% for key, value in choices.items() if value not in accepted %}
    {% do refuse_var(name ~ '.' ~ key, value, accepted | join(', ')) %}
{% endfor %}
{% endmacro %}


{% macro check_number(name, lowest, highest) %}
{% set value = var(name) %}
{% if value is not number or value is boolean or value < lowest or value > highest %}
    {% do refuse_var(name, value, 'a number from ' ~ lowest ~ ' to ' ~ highest) %}
{% endif %}
{% endmacro %}


{% macro check_whole_number(name, lowest, highest, value=none) %}
{% set value = var(name) if value is none else value %}
{% if value is not integer or value is boolean or value < lowest or value > highest %}
    {% do refuse_var(name, value, 'a whole number from ' ~ lowest ~ ' to ' ~ highest) %}
{% endif %}
{% endmacro %}


{% macro check_boolean(name) %}
{% if var(name) is not boolean %}{% do refuse_var(name, var(name), 'true or false') %}{% endif %}
{% endmacro %}


{% macro check_date(name) %}
{% set value = var(name) | string %}
{% set is_date = modules.re.fullmatch('[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', value) is not none %}
{% if var(name) is not none and not is_date %}{% do refuse_var(name, value, 'null or a day written YYYY-MM-DD') %}{% endif %}
{% endmacro %}


{% macro refuse_var(name, found, accepted) %}
{{ exceptions.raise_compiler_error('var ' ~ name ~ ': found ' ~ found ~ '; accepted: ' ~ accepted ~ '.') }}
{% endmacro %}
