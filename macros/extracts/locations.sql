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
