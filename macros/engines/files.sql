{#- How each engine reads files. -#}

{% macro read_files(location, encoding, delimiter) %}
{{ return(adapter.dispatch('read_files', 'patronage')(location, encoding, delimiter)) }}
{% endmacro %}

{% macro duckdb__read_files(location, encoding, delimiter) -%}
{%- if is_parquet(location) -%}
read_parquet('{{ location }}', union_by_name = true)
{%- else -%}
read_csv('{{ location }}', {{ duckdb__csv_options(encoding, delimiter) }}, union_by_name = true)
{%- endif -%}
{%- endmacro %}

{% macro duckdb__csv_options(encoding, delimiter) -%}
{#- Every line becomes a row: short lines are padded and odd quotes are taken as they are, never skipped. -#}
all_varchar = true, header = true, delim = '{{ delimiter }}', quote = '"', escape = '"', encoding = '{{ encoding }}', null_padding = true, strict_mode = false
{%- endmacro %}


{% macro count_files(location) %}
{{ return(adapter.dispatch('count_files', 'patronage')(location)) }}
{% endmacro %}

{% macro duckdb__count_files(location) %}
{% if '://' in location %}{{ return(1) }}{% endif %}
{% set files_query %}
select count(*) as files from glob('{{ location }}')
{% endset %}
{{ return(run_query(files_query).rows[0]['files'] | int) }}
{% endmacro %}


{% macro detect_delimiter(name, location) %}
{{ return(adapter.dispatch('detect_delimiter', 'patronage')(name, location)) }}
{% endmacro %}

{% macro duckdb__detect_delimiter(name, location) %}
{% if is_parquet(location) %}{{ return(none) }}{% endif %}
{% set first_line_query %}
select line
from read_csv(
    '{{ location }}', columns = {'line': 'VARCHAR'}, header = false, auto_detect = false,
    delim = '\0', quote = '', escape = '', ignore_errors = true
)
limit 1
{% endset %}
{% set lines = run_query(first_line_query).rows %}
{% if lines | length == 0 %}
    {{ exceptions.raise_compiler_error("var " ~ name ~ ": " ~ location ~ " is empty; a header line and at least one row are needed.") }}
{% endif %}
{% set best = namespace(delimiter=',', count=0) %}
{% for delimiter in [',', ';', '\t', '|'] if lines[0][0].count(delimiter) > best.count %}
    {% set best.delimiter, best.count = delimiter, lines[0][0].count(delimiter) %}
{% endfor %}
{{ return(best.delimiter) }}
{% endmacro %}


{% macro detect_encoding(location, delimiter) %}
{{ return(adapter.dispatch('detect_encoding', 'patronage')(location, delimiter)) }}
{% endmacro %}

{% macro duckdb__detect_encoding(location, delimiter) %}
{#- Rows that are not well-formed UTF-8 are rejected into a table, whatever their number; one is enough to know. -#}
{% if is_parquet(location) %}{{ return(none) }}{% endif %}
{% set reading_everything %}
select bit_xor(hash(columns(*)))
from read_csv(
    '{{ location }}', {{ duckdb__csv_options('utf-8', delimiter) }},
    store_rejects = true, rejects_table = 'encoding_rejects', rejects_scan = 'encoding_scans', rejects_limit = 1
)
{% endset %}
{% do run_query(reading_everything) %}
{% set rejects = run_query("select 1 from encoding_rejects where error_type = 'INVALID ENCODING'").rows | length %}
{% do run_query('drop table encoding_rejects') %}
{% do run_query('drop table encoding_scans') %}
{{ return('latin-1' if rejects else 'utf-8') }}
{% endmacro %}
