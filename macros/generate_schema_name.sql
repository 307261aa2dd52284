{% macro generate_schema_name(custom_schema_name, node) -%}
{#- Schemas carry exactly the names that the project gives them (staging, marts, …), without the target's as a prefix. -#}
{{ custom_schema_name | trim if custom_schema_name is not none else target.schema }}
{%- endmacro %}
