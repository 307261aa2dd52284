{% macro check_value(problems, name, value, rule) %}
{% set kind, limits = rule[0], rule[1:] %}
{% if kind == 'choices' %}
    {% do check_choices(problems, name, value, limits) %}
{% elif kind == 'boolean' and value is not boolean %}
    {% do refuse_var(problems, name, value, 'true or false') %}
{% elif kind == 'day' and value is not none and not is_day(value) %}
    {% do refuse_var(problems, name, value, 'null or a day written YYYY-MM-DD') %}
{% elif kind == 'texts' and not is_list_of_texts(value) %}
    {% do refuse_var(problems, name, value, 'a list of texts') %}
{% elif kind in ['number', 'whole number', 'whole number or null'] and (value is not none or kind != 'whole number or null') %}
    {#- For Python true and false are numbers, too. -#}
    {% set is_of_kind = value is number and value is not boolean and (kind == 'number' or value is integer) %}
    {% if not is_of_kind or not limits[0] <= value <= limits[1] %}
        {% do refuse_var(problems, name, value, 'a ' ~ kind | replace('number or null', 'number') ~ ' from ' ~ limits | join(' to ') ~ (', or null' if 'null' in kind else '')) %}
    {% endif %}
{% endif %}
{% endmacro %}


{% macro check_choices(problems, name, choices, accepted) %}
{% if choices is not mapping %}
    {% do refuse_var(problems, name, choices, 'a mapping whose values are ' ~ accepted | join(', ')) %}
{% else %}
    {% for key, value in choices.items() if value not in accepted %}
        {% do refuse_var(problems, name ~ '.' ~ key, value, accepted | join(', ')) %}
    {% endfor %}
{% endif %}
{% endmacro %}


{% macro is_list_of_texts(value) %}
{% set is_list = value is sequence and value is not string and value is not mapping %}
{{ return(is_list and not value | reject('string') | list) }}
{% endmacro %}


{% macro is_day(value) %}
{% set written = modules.re.fullmatch('([1-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])', value | string) %}
{% if written is none %}{{ return(false) }}{% endif %}
{% set year, month, day = written.group(1) | int, written.group(2) | int, written.group(3) | int %}
{#- A day that the month does not have would be the next month's. -#}
{% set counted = modules.datetime.date(year, month, 1) + modules.datetime.timedelta(days=day - 1) %}
{{ return(counted.month == month) }}
{% endmacro %}


{% macro refuse_var(problems, name, found, accepted) %}
{% do problems.append('var ' ~ name ~ ': found ' ~ found ~ '; accepted: ' ~ accepted ~ '.') %}
{% endmacro %}
