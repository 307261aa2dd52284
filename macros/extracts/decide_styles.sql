{% macro decide_styles(problems, name) %}
{#- Once over the whole extract, before any value of it is used. -#}
{% set settings = [var('extract_date_orders').get(name), var('extract_decimal_signs').get(name), var('extract_time_zones').get(name)] | join(' ') %}
{% set known = query_extract(name) %}
{% if known and known[0]['settings'] == settings %}{{ return('') }}{% endif %}
{% set before = problems | length %}
{% set styles = {'time_zone': var('extract_time_zones').get(name, 'UTC'), 'settings': settings} %}
{% do refuse_shortened_ids(problems, name) %}
{% do decide_dates(problems, name, styles) %}
{% do decide_numbers(problems, name, styles) %}
{% if problems | length == before and known %}{% do keep_styles(name, styles) %}{% endif %}
{% endmacro %}


{% macro distinct_values(name, columns) -%}
{#- As text, whatever their type: what is a number or a date by its type is left out by the caller. -#}
{%- for column in columns %}
    select distinct cast({{ column }} as {{ dbt.type_string() }}) as value from {{ raw_relation(name) }}
    where {{ column }} is not null
    {{- ' union ' if not loop.last }}
{%- endfor -%}
{%- endmacro %}


{% macro columns_of(name, role, kinds) %}
{#- Columns of the extract from which the role is read, by the kind of their type (text, number, time). -#}
{% set types, columns = extract_types(name), [] %}
{% for column in extract_config(name).get(role, []) if column in types and kind_of_type(types[column]) in kinds %}
    {% do columns.append(column) %}
{% endfor %}
{{ return(columns) }}
{% endmacro %}


{% macro first_place(name, columns, condition) %}
{#- The first value that meets a condition, with the file and line it stands in, in words. -#}
{% set types = extract_types(name) %}
{% set place_query %}
select value, file, line
from (
    {%- for column in columns %}
    select
        cast({{ column }} as {{ dbt.type_string() }}) as value,
        {{ 'file' if 'file' in types else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as file,
        {{ 'line' if 'line' in types else '0' }} as line
    from {{ raw_relation(name) }}
    {{- ' union all' if not loop.last }}
    {%- endfor %}
) as places
where {{ condition }}
order by file, line
limit 1
{% endset %}
{% set rows = run_query(place_query).rows %}
{% set place = rows[0] %}
{{ return(place['value'] ~ (' in ' ~ place['file'] ~ ', line ' ~ place['line'] if place['file'] else '')) }}
{% endmacro %}


{% macro refuse_shortened_ids(problems, name) %}
{% set columns = columns_of(name, 'ids', ['text', 'number']) %}
{% if columns %}
    {% set is_shortened = matches('value', '[0-9][.,][0-9]+[eE][+][0-9]+') %}
    {% set ids_query %}
    select count(*) as shortened from ({{ distinct_values(name, columns) }}) as ids where {{ is_shortened }}
    {% endset %}
    {% if run_query(ids_query).rows[0]['shortened'] %}
        {% do problems.append(
            'var ' ~ name ~ ': the id ' ~ first_place(name, columns, is_shortened)
            ~ ', is a number that a spreadsheet has shortened; accepted: ids as text, exported with all their digits.'
        ) %}
    {% endif %}
{% endif %}
{% endmacro %}
