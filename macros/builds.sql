{% macro record_build_start() %}
{% if execute and flags.WHICH in ['build', 'run', 'retry'] and selects_ours() %}
    {% set builds = builds_relation() %}
    {% set builds_table %}
    create table if not exists {{ builds }} (
        build_id {{ dbt.type_string() }},
        started_at timestamp,
        status {{ dbt.type_string() }},
        is_whole boolean
    )
    {% endset %}
    {% set this_build %}
    insert into {{ builds }} values (
        '{{ invocation_id }}',
        cast('{{ run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f') }}' as timestamp),
        'unfinished',
        {{ is_whole_build() }}
    )
    {% endset %}
    {% do adapter.create_schema(builds) %}
    {% do run_query(builds_table) %}
    {% do run_query(this_build) %}
{% endif %}
{% endmacro %}


{% macro record_build_end(results) %}
{% if execute and flags.WHICH in ['build', 'run', 'retry'] and selects_ours() %}
    {% set status = namespace(value='empty' if flags.EMPTY else 'success') %}
    {#- What another project's node has stopped is skipped here. -#}
    {% for result in results if result.status in ['error', 'fail', 'runtime error', 'partial success', 'skipped'] and is_ours(result.node) %}
        {% set status.value = 'failed' %}
    {% endfor %}
    {#- A second row: rows of a table of files cannot be changed. -#}
    {% set ended_build %}
    insert into {{ builds_relation() }}
    select
        build_id,
        started_at,
        '{{ status.value }}',
        is_whole
    from {{ builds_relation() }}
    where build_id = '{{ invocation_id }}'
    {% endset %}
    {% do run_query(ended_build) %}
    {% do write_mart_keys() %}
{% endif %}
{% endmacro %}


{% macro is_ours(node) %}
{#- Or reads a raw extract by raw_extract, in the project of a shop. -#}
{{ return(node.package_name == 'patronage' or 'extract' in (node.config.get('meta') or {})) }}
{% endmacro %}


{% macro selects_ours() %}
{% for unique_id in selected_resources %}
    {% set node = graph.nodes.get(unique_id) %}
    {% if unique_id.split('.')[1] == 'patronage' or (node and is_ours(node)) %}{{ return(true) }}{% endif %}
{% endfor %}
{{ return(false) }}
{% endmacro %}


{% macro is_whole_build() %}
{% set left_out = [] %}
{% for node in graph.nodes.values() if node.package_name == 'patronage' and node.resource_type == 'model' and node.unique_id not in selected_resources %}
    {% do left_out.append(node.name) %}
{% endfor %}
{#- The tables before the lines may be Spark's, which patronage take-over has copied. -#}
{% set excluded = (invocation_args_dict.get('exclude') or []) | list %}
{% set has_lines = not excluded or (excluded == ['+tag:lines'] and has_foreign_lines()) %}
{{ return(
    not left_out
    or (not invocation_args_dict.get('select') and has_lines and has_no_other_mart())
) }}
{% endmacro %}


{% macro has_no_other_mart() %}
{#- A build by a selector is one of everything where nothing else has been built. -#}
{% set others = [] %}
{% if invocation_args_dict.get('selector') %}
    {% for node in graph.nodes.values() if is_mart(node) and node.unique_id not in selected_resources %}
        {% if load_relation(relation_of(node)) %}{% do others.append(node.name) %}{% endif %}
    {% endfor %}
{% endif %}
{{ return(not others) }}
{% endmacro %}


{% macro builds_relation() %}
{{ return(raw_relation('builds')) }}
{% endmacro %}
