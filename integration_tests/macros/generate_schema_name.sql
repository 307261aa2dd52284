{% macro generate_schema_name(custom_schema_name, node) -%}
{#- In production the schema alone; in each developer's target behind the target's own. -#}
{%- if custom_schema_name is none -%}
{{ target.schema }}
{%- elif target.name == 'prod' -%}
{{ custom_schema_name | trim }}
{%- else -%}
{{ target.schema }}_{{ custom_schema_name | trim }}
{%- endif -%}
{%- endmacro %}
