{% macro extract_config(name) %}
{% for node in graph.nodes.values() if (node.config.get('meta') or {}).get('extract') == name %}
    {{ return(node.config.meta) }}
{% endfor %}
{{ exceptions.raise_compiler_error("No model has 'meta: {extract: " ~ name ~ "}'; the model that calls raw_extract('" ~ name ~ "') needs it, with its headers.") }}
{% endmacro %}


{% macro is_file(location) %}
{{ return(modules.re.search('[/\\\\*?]|[.](csv|tsv|txt|parquet)([.](gz|zst))?$', location, modules.re.IGNORECASE) is not none) }}
{% endmacro %}
