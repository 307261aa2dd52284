{% macro extract_location(name) %}
{% set location = var(name, none) %}
{{ return(location if location is not none else ref('demo_' ~ name).render()) }}
{% endmacro %}


{% macro is_file(location) %}
{{ return(modules.re.search('[/\\\\*?]|[.](csv|tsv|txt|parquet)([.](gz|zst))?$', location, modules.re.IGNORECASE) is not none) }}
{% endmacro %}


{% macro is_parquet(location) %}
{{ return(modules.re.search('[.]parquet([?].*)?$', location, modules.re.IGNORECASE) is not none) }}
{% endmacro %}


{% macro extract_source(name, encoding, delimiter) %}
{% set location = extract_location(name) %}
{% if is_file(location) %}
    {{ return(read_files(location, encoding, delimiter)) }}
{% endif %}
{{ return(location) }}
{% endmacro %}


{% macro match_headers(name, source) %}
{% set config = extract_config(name) %}
{% set headers = {} %}
{% for header in headers_of(source) %}
    {% do headers.update({header | lower | replace(' ', '') | replace('_', ''): header}) %}
{% endfor %}
{% set matched = {} %}
{% for column, accepted in config.headers.items() %}
    {% set found = namespace(header=none) %}
    {% for candidate in [column] + accepted if found.header is none %}
        {% set found.header = headers.get(candidate | lower | replace(' ', '') | replace('_', '')) %}
    {% endfor %}
    {% if found.header is none and column not in config.get('optional', []) %}
        {{ exceptions.raise_compiler_error(
            name ~ " (" ~ extract_location(name) ~ ") has no column for " ~ column ~ ": found "
            ~ headers.values() | join(', ') ~ "; accepted are " ~ ([column] + accepted) | join(', ') ~ "."
        ) }}
    {% endif %}
    {% do matched.update({column: found.header}) %}
{% endfor %}
{{ return(matched) }}
{% endmacro %}


{% macro profile_extract(name) %}
{% set location = extract_location(name) %}
{% set encoding, delimiter = none, none %}
{% if is_file(location) %}
    {% if count_files(location) == 0 %}
        {{ exceptions.raise_compiler_error(
            "var " ~ name ~ ": no file matches " ~ location ~ "; accepted are a path, glob or URL of csv, csv.gz or parquet, or a relation."
        ) }}
    {% endif %}
    {% set delimiter = detect_delimiter(name, location) %}
    {% set encoding = var('extract_encodings', {}).get(name) or detect_encoding(location, delimiter) %}
{% elif not relation_exists(location) %}
    {{ exceptions.raise_compiler_error(
        "var " ~ name ~ ": there is no relation " ~ location ~ "; accepted are a relation, or a path, glob or URL of csv, csv.gz or parquet."
    ) }}
{% endif %}
{% set source = extract_source(name, encoding, delimiter) %}
{% set columns = match_headers(name, source) %}
{% set row_count = run_query('select count(*) from ' ~ source).columns[0].values()[0] | int %}
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
{% set counts = run_query(
    'select count(' ~ read_timestamp(value, 'iso') ~ ') as iso, count(' ~ read_timestamp(value, 'month_first')
    ~ ') as month_first, count(' ~ read_timestamp(value, 'day_first') ~ ') as day_first from (select distinct '
    ~ value ~ ' from ' ~ source ~ ') as dates'
).rows[0] %}
{% if counts['iso'] >= counts['month_first'] and counts['iso'] >= counts['day_first'] %}{{ return('iso') }}{% endif %}
{% if counts['month_first'] == counts['day_first'] %}
    {{ log(name ~ ": its dates read equally well month first and day first; month first is used (var extract_date_orders sets it).", info=true) }}
{% endif %}
{{ return('month_first' if counts['month_first'] >= counts['day_first'] else 'day_first') }}
{% endmacro %}
