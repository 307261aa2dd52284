{% macro location_of_extract(name) %}
{% set mapped = mapped_extract(name) %}
{{ return(mapped.location if mapped else var(name, none)) }}
{% endmacro %}


{% macro extract_config(name) %}
{% if mapped_extract(name) %}{{ return(mapped_extract(name)) }}{% endif %}
{% for node in graph.nodes.values() if (node.config.get('meta') or {}).get('extract') == name %}
    {{ return(node.config.meta) }}
{% endfor %}
{{ exceptions.raise_compiler_error("No model has 'meta: {extract: " ~ name ~ "}'; the model that calls raw_extract('" ~ name ~ "') needs it, with its headers.") }}
{% endmacro %}


{% macro is_file(location) %}
{{ return(modules.re.search('[/\\\\*?]|[.](csv|tsv|txt|parquet|xlsx)([.](gz|zst))?$', location, modules.re.IGNORECASE) is not none) }}
{% endmacro %}
