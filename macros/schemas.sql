{% macro generate_schema_name(custom_schema_name, node) -%}
{%- if project_name == 'patronage' -%}
{{ custom_schema_name | trim if custom_schema_name is not none else target.schema }}
{%- else -%}
{#- dbt asks a package's own macro for the package's nodes; where they go, the project that installs it says. -#}
{%- set of_project = context.get(project_name) or {} -%}
{{ of_project.get('generate_schema_name', dbt.generate_schema_name)(custom_schema_name, node) }}
{%- endif -%}
{%- endmacro %}


{% macro raw_schema() %}
{#- Where the seeds go, the raw tables and what is known of the builds go, too. -#}
{% set seed = (graph.nodes or {}).get('seed.patronage.segment_meanings') %}
{{ return(seed.schema if seed else 'raw') }}
{% endmacro %}


{% macro raw_relation(name) %}
{{ return(api.Relation.create(database=target.get('database'), schema=raw_schema(), identifier=name)) }}
{% endmacro %}
