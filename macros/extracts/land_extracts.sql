{% macro land_extracts(problems) %}
{% for node in graph.nodes.values() if (node.config.get('meta') or {}).get('extract') and node.unique_id in selected_resources %}
    {% set name = node.config.meta.extract %}
    {% if var(name, none) is none %}
        {% do forget_location(name) %}
    {% elif var(name) is not string or not var(name) | trim %}
        {% do refuse_var(problems, name, var(name), 'null, a path, glob or URL of csv, csv.gz or parquet, or a relation') %}
    {% else %}
        {% do land_location(problems, name, node.config.meta, var(name)) %}
    {% endif %}
{% endfor %}
{% do land_mapped_shops(problems) %}
{% endmacro %}


{% macro land_location(problems, name, config, location) %}
{% set before = problems | length %}
{% if not is_file(location) and not relation_exists(location) %}
    {% do problems.append(
        'var ' ~ name ~ ': there is no relation ' ~ location ~ '; accepted are a relation, or a path, glob or URL of csv, csv.gz or parquet.'
    ) %}
{% else %}
    {% do land_extract(problems, name, config, location, false) %}
    {% if problems | length == before %}{% do decide_styles(problems, name) %}{% endif %}
    {% if problems | length == before %}{% do warn_of_extract(name) %}{% endif %}
{% endif %}
{% endmacro %}


{% macro land_extract(problems, name, config, location, is_demo) %}
{% set request = {
    'name': name,
    'schema': raw_schema(),
    'shop': config.get('shop') or shop_of_extract(name),
    'location': location,
    'is_file': not is_demo and is_file(location),
    'is_demo': is_demo,
    'is_mapped': config.get('is_mapped', false),
    'headers': config.headers,
    'optional': config.get('optional', []),
    'roles': {
        'dates': config.get('dates', []),
        'whole_numbers': config.get('whole_numbers', []),
        'amounts': config.get('amounts', []),
        'ids': config.get('ids', []),
    },
    'encoding': var('extract_encodings').get(name),
} %}
{% set answer = call_landing(tojson(request)) %}
{% if answer.problem %}
    {% do problems.append('var ' ~ name ~ ': ' ~ answer.problem) %}
{% elif is_demo %}
    {{ log(name ~ ': DEMO DATA, because its var names nothing: ' ~ answer.news | join(', ') ~ '.', info=true) }}
{% elif answer.news %}
    {{ log(name ~ ': ' ~ answer.news | join(', ') ~ ', from ' ~ location ~ '.', info=true) }}
{% endif %}
{% endmacro %}


{% macro warn_of_extract(name) %}
{#- print() is kept by --quiet, log() is not. -#}
{% set found = query_extract(name)[0] %}
{% set warnings_query %}
select
    warning,
    file,
    sum(rejected_records) over () as rejected,
    sum(records) over () as records,
    previous_records
from {{ extracts_relation() }}
where extract = {{ sql_text(name) }}
order by warning nulls last, file
{% endset %}
{% set rows = query_extracts(warnings_query).rows %}
{% set others = rows | rejectattr('warning', 'none') | list | length - 1 %}
{% if rows[0]['warning'] %}
    {% do print('Warning: ' ~ name ~ ': ' ~ rows[0]['warning'] ~ (' (and ' ~ others ~ ' more, see ' ~ raw_schema() ~ '.extracts)' if others > 0) ~ '.') %}
{% endif %}
{% if rows[0]['rejected'] %}
    {% do print(
        'Warning: ' ~ name ~ ': ' ~ '{:,}'.format(rows[0]['rejected']) ~ ' of ' ~ '{:,}'.format(rows[0]['records'])
        ~ ' records cannot be split into values; ' ~ raw_schema() ~ '.' ~ name ~ ' has their text and the reason.'
    ) %}
{% endif %}
{% if (rows[0]['previous_records'] or 0) * (1 - var('unreadable_lines_warning_pct') / 100) > rows[0]['records'] %}
    {% do print(
        'Warning: ' ~ name ~ ': ' ~ '{:,}'.format(rows[0]['records']) ~ ' records, and '
        ~ '{:,}'.format(rows[0]['previous_records']) ~ ' in the build before.'
    ) %}
{% endif %}
{% if found['losing_dates_pct'] %}
    {% do print(
        'Warning: ' ~ name ~ ': ' ~ '%.2f' % found['losing_dates_pct'] ~ ' % of its dates are read by another order only than '
        ~ found['date_order'] ~ ', which var extract_date_orders says; they are unreadable.'
    ) %}
{% endif %}
{% endmacro %}


{% macro shop_of_extract(name) %}
{% for shop in var('shops') if name.startswith(shop ~ '_') %}{{ return(shop) }}{% endfor %}
{{ return(name) }}
{% endmacro %}
