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


{% macro extract_config(name) %}
{% for node in graph.nodes.values() if node.config.get('meta', {}).get('extract') == name %}
    {{ return(node.config.meta) }}
{% endfor %}
{{ exceptions.raise_compiler_error("No model has 'meta: {extract: " ~ name ~ "}'; the model that calls raw_extract('" ~ name ~ "') needs it, with its headers.") }}
{% endmacro %}
