{% macro raw_extract(name) -%}
{%- if var(name, none) is none -%}
{%- set demo_seed = ref('demo_' ~ name) -%}
{%- endif -%}
{%- if execute -%}
{%- set extract = known_extract(name) -%}
select
{%- for column, header in extract.columns.items() %}
    {{ adapter.quote(header) if header else 'cast(null as ' ~ dbt.type_string() ~ ')' }} as {{ column }}
    {{- ',' if not loop.last }}
{%- endfor %}
from {{ extract.source }}
{{- ' where false' if flags.EMPTY }}
{%- else -%}
select * from {{ demo_seed }}
{%- endif -%}
{%- endmacro %}


{% macro extract_config(name) %}
{% for node in graph.nodes.values() if node.config.get('meta', {}).get('extract') == name %}
    {{ return(node.config.meta) }}
{% endfor %}
{{ exceptions.raise_compiler_error("No model has 'meta: {extract: " ~ name ~ "}'; the model that calls raw_extract('" ~ name ~ "') needs it, with its headers.") }}
{% endmacro %}


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
