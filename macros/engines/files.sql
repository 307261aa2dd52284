{#- How each engine reads files and lists what is there. -#}

{% macro read_files(location, encoding, delimiter) %}
{#- What stands after "from" to read csv or parquet files. -#}
{{ return(adapter.dispatch('read_files', 'clientele')(location, encoding, delimiter)) }}
{% endmacro %}

{% macro duckdb__read_files(location, encoding, delimiter) %}
{% if 'parquet' in location | lower %}
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
{#- How many files match a path or glob; a URL counts as one. -#}
{{ return(adapter.dispatch('count_files', 'clientele')(location)) }}
{% endmacro %}

{% macro duckdb__count_files(location) %}
{% if '://' in location %}{{ return(1) }}{% endif %}
{{ return(run_query("select count(*) from glob('" ~ location ~ "')").columns[0].values()[0] | int) }}
{% endmacro %}


{% macro headers_of(source) %}
{#- The column names of what stands after "from". -#}
{{ return(adapter.dispatch('headers_of', 'clientele')(source)) }}
{% endmacro %}

{% macro duckdb__headers_of(source) %}
{{ return(run_query('describe select * from ' ~ source).columns['column_name'].values() | list) }}
{% endmacro %}


{% macro relation_exists(location) %}
{#- Whether a relation, written as table, schema.table or database.schema.table, is there now. dbt's cache does not know
    what a hook or another program has just made. -#}
{{ return(adapter.dispatch('relation_exists', 'clientele')(location)) }}
{% endmacro %}

{% macro duckdb__relation_exists(location) %}
{% set parts = (location | replace('"', '')).split('.') %}
{% set conditions = ["lower(table_name) = lower('" ~ parts[-1] ~ "')"] %}
{% if parts | length > 1 %}{% do conditions.append("lower(table_schema) = lower('" ~ parts[-2] ~ "')") %}{% endif %}
{% if parts | length > 2 %}{% do conditions.append("lower(table_catalog) = lower('" ~ parts[-3] ~ "')") %}{% endif %}
{{ return(run_query('select 1 from information_schema.tables where ' ~ conditions | join(' and ')).rows | length > 0) }}
{% endmacro %}


{% macro detect_delimiter(name, location) %}
{#- The delimiter that occurs most in the header line; none for parquet. -#}
{{ return(adapter.dispatch('detect_delimiter', 'clientele')(name, location)) }}
{% endmacro %}

{% macro duckdb__detect_delimiter(name, location) %}
{% if 'parquet' in location | lower %}{{ return(none) }}{% endif %}
{% set lines = run_query(
    "select line from read_csv('" ~ location ~ "', columns = {'line': 'VARCHAR'}, header = false, auto_detect = false,"
    ~ " delim = '\\0', quote = '', escape = '', encoding = 'latin-1', strict_mode = false) limit 1"
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
{#- utf-8 or latin-1, decided over the whole extract; none for parquet. -#}
{{ return(adapter.dispatch('detect_encoding', 'clientele')(location, delimiter)) }}
{% endmacro %}

{% macro duckdb__detect_encoding(location, delimiter) %}
{#- Read as latin-1, every byte is a character, so nothing fails. What stays above ASCII once well-formed UTF-8 sequences
    are taken out can only be latin-1. -#}
{% if 'parquet' in location | lower %}{{ return(none) }}{% endif %}
{% set sequences = '[\\x{C2}-\\x{DF}][\\x{80}-\\x{BF}]|[\\x{E0}-\\x{EF}][\\x{80}-\\x{BF}]{2}|[\\x{F0}-\\x{F4}][\\x{80}-\\x{BF}]{3}' %}
{% set odd_rows = run_query(
    "select count(*) from (select concat_ws(' ', *columns(*)) as line from " ~ read_files(location, 'latin-1', delimiter)
    ~ ") as lines where strlen(line) <> length(line) and regexp_matches(regexp_replace(line, '" ~ sequences
    ~ "', '', 'g'), '[\\x{80}-\\x{FF}]')"
).columns[0].values()[0] | int %}
{{ return('latin-1' if odd_rows else 'utf-8') }}
{% endmacro %}
