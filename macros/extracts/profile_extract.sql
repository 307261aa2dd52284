{% macro profile_extract(name) %}
{% set location = extract_location(name) %}
{% set problems = [] %}
{% do check_extract_is_there(problems, name) %}
{% do stop_at(problems) %}
{% set encoding, delimiter = none, none %}
{% if is_file(location) %}
    {% set delimiter = detect_delimiter(name, location) %}
    {% set encoding = var('extract_encodings', {}).get(name) or detect_encoding(location, delimiter) %}
{% endif %}
{% set source = extract_source(name, encoding, delimiter) %}
{% set columns = match_headers(name, source) %}
{% set count_query %}
select count(*) as row_count from {{ source }}
{% endset %}
{% set row_count = run_query(count_query).rows[0]['row_count'] | int %}
{% if row_count == 0 %}
    {{ exceptions.raise_compiler_error("var " ~ name ~ ": " ~ location ~ " has no rows; at least one is needed.") }}
{% endif %}
{{ return({
    'location': location,
    'encoding': encoding,
    'delimiter': delimiter,
    'date_order': var('extract_date_orders', {}).get(name) or detect_date_order(name, source, columns),
    'row_count': row_count,
}) }}
{% endmacro %}


{% macro detect_date_order(name, source, columns) %}
{% set date_columns = extract_config(name).get('dates', []) %}
{% if not date_columns %}{{ return('iso') }}{% endif %}
{% set value = adapter.quote(columns[date_columns[0]]) %}
{% set counts_query %}
select
    count({{ read_timestamp(value, 'iso') }}) as iso,
    count({{ read_timestamp(value, 'month_first') }}) as month_first,
    count({{ read_timestamp(value, 'day_first') }}) as day_first
from (select distinct {{ value }} from {{ source }}) as dates
{% endset %}
{% set counts = run_query(counts_query).rows[0] %}
{% if counts['iso'] >= counts['month_first'] and counts['iso'] >= counts['day_first'] %}{{ return('iso') }}{% endif %}
{% if counts['month_first'] == counts['day_first'] %}
    {{ log(name ~ ": its dates read equally well month first and day first; month first is used (var extract_date_orders sets it).", info=true) }}
{% endif %}
{{ return('month_first' if counts['month_first'] >= counts['day_first'] else 'day_first') }}
{% endmacro %}
