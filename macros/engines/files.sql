{#- How each engine reads files and lists what is there. -#}

{% macro read_files(location, encoding, delimiter) %}
{{ return(adapter.dispatch('read_files', 'patronage')(location, encoding, delimiter)) }}
{% endmacro %}

{% macro duckdb__read_files(location, encoding, delimiter) %}
{% if is_parquet(location) %}
    {{ return("read_parquet('" ~ location ~ "', union_by_name = true)") }}
{% endif %}
{#- Every line becomes a row: short lines are padded and odd quotes are taken as they are, never skipped. -#}
{{ return(
    "read_csv('" ~ location ~ "', all_varchar = true, header = true, delim = '" ~ delimiter
    ~ "', quote = '\"', escape = '\"', encoding = '" ~ encoding
    ~ "', null_padding = true, strict_mode = false, union_by_name = true)"
) }}
{% endmacro %}


{% macro count_files(location) %}
{{ return(adapter.dispatch('count_files', 'patronage')(location)) }}
{% endmacro %}

{% macro duckdb__count_files(location) %}
{% if '://' in location %}{{ return(1) }}{% endif %}
{{ return(run_query("select count(*) from glob('" ~ location ~ "')").columns[0].values()[0] | int) }}
{% endmacro %}


{% macro headers_of(source) %}
{{ return(adapter.dispatch('headers_of', 'patronage')(source)) }}
{% endmacro %}

{% macro duckdb__headers_of(source) %}
{{ return(run_query('describe select * from ' ~ source).columns['column_name'].values() | list) }}
{% endmacro %}


{% macro relation_exists(location) %}
{{ return(adapter.dispatch('relation_exists', 'patronage')(location)) }}
{% endmacro %}

{% macro duckdb__relation_exists(location) %}
{% set parts = (location | replace('"', '')).split('.') %}
{% set conditions = ["lower(table_name) = lower('" ~ parts[-1] ~ "')"] %}
{% if parts | length > 1 %}{% do conditions.append("lower(table_schema) = lower('" ~ parts[-2] ~ "')") %}{% endif %}
{% if parts | length > 2 %}{% do conditions.append("lower(table_catalog) = lower('" ~ parts[-3] ~ "')") %}{% endif %}
{{ return(run_query('select 1 from information_schema.tables where ' ~ conditions | join(' and ')).rows | length > 0) }}
{% endmacro %}


{% macro detect_delimiter(name, location) %}
{{ return(adapter.dispatch('detect_delimiter', 'patronage')(name, location)) }}
{% endmacro %}

{% macro duckdb__detect_delimiter(name, location) %}
{% if is_parquet(location) %}{{ return(none) }}{% endif %}
{% set lines = run_query(
    "select line from read_csv('" ~ location ~ "', columns = {'line': 'VARCHAR'}, header = false, auto_detect = false,"
    ~ " delim = '\\0', quote = '', escape = '', ignore_errors = true) limit 1"
).rows %}
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
{% set reader = read_files(location, 'utf-8', delimiter) | replace(', union_by_name = true)', '') ~ ", store_rejects = true, rejects_table = 'encoding_rejects',"
    ~ " rejects_scan = 'encoding_scans', rejects_limit = 1)" %}
{% do run_query('select bit_xor(hash(columns(*))) from ' ~ reader) %}
{% set rejects = run_query("select 1 from encoding_rejects where error_type = 'INVALID ENCODING'").rows | length %}
{% do run_query('drop table encoding_rejects') %}
{% do run_query('drop table encoding_scans') %}
{{ return('latin-1' if rejects else 'utf-8') }}
{% endmacro %}
