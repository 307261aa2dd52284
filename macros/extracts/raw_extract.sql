{% macro raw_extract(name) -%}
{%- if var(name, none) is none -%}
{%- set demo_seed = ref('demo_' ~ name) -%}
{%- endif -%}
{%- if execute -%}
{%- set extract = known_extract(name) -%}
select
{%- for column, header in extract.columns.items() %}
    {% if header %}{{ adapter.quote(header) }}{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as {{ column }}
    {{- ',' if not loop.last }}
{%- endfor %}
from {{ extract.source }}
{{- ' where false' if flags.EMPTY }}
{%- else -%}
select * from {{ demo_seed }}
{%- endif -%}
{%- endmacro %}


{% macro known_extract(name) %}
{% set location = extract_location(name) %}
{% set rows = query_extract_report(name) %}
{% if rows and rows[0]['location'] == location %}
    {% set found = rows[0] %}
{% else %}
    {% set found = profile_extract(name) %}
    {% do report_extract(name, found) %}
{% endif %}
{% set source = extract_source(name, found['encoding'], found['delimiter']) %}
{{ return({
    'source': source,
    'columns': match_headers(name, source),
    'date_order': found['date_order'],
}) }}
{% endmacro %}


{% macro extract_date_order(name) %}
{{ return(known_extract(name).date_order if execute else 'iso') }}
{% endmacro %}
