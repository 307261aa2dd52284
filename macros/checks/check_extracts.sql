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


{% macro check_extract_is_there(problems, name) %}
{% set location = extract_location(name) %}
{% if location is not string %}
    {% do refuse_var(problems, name, location, 'null, a path, glob or URL of csv, csv.gz or parquet, or a relation') %}
{% elif is_file(location) and count_files(location) == 0 %}
    {% do problems.append(
        'var ' ~ name ~ ': no file matches ' ~ location ~ '; accepted are a path, glob or URL of csv, csv.gz or parquet, or a relation.'
    ) %}
{% elif not is_file(location) and not relation_exists(location) %}
    {% do problems.append(
        'var ' ~ name ~ ': there is no relation ' ~ location ~ '; accepted are a relation, or a path, glob or URL of csv, csv.gz or parquet.'
    ) %}
{% endif %}
{% endmacro %}
