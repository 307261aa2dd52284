{% macro record_build_start() %}
{% if execute and flags.WHICH in ['build', 'run', 'retry'] %}
    {% set builds = builds_relation() %}
    {% do adapter.create_schema(builds) %}
    {% do run_query(
        'create table if not exists ' ~ builds ~ ' (build_id ' ~ dbt.type_string() ~ ', started_at timestamp, status '
        ~ dbt.type_string() ~ ', is_whole boolean)'
    ) %}
    {% set is_whole = not (invocation_args_dict.get('select') or invocation_args_dict.get('exclude')) %}
    {% do run_query(
        'insert into ' ~ builds ~ " values ('" ~ invocation_id ~ "', cast('" ~ run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f')
        ~ "' as timestamp), 'unfinished', " ~ is_whole ~ ')'
    ) %}
{% endif %}
{% endmacro %}


{% macro record_build_end(results) %}
{% if execute and flags.WHICH in ['build', 'run', 'retry'] %}
    {% set status = namespace(value='empty' if flags.EMPTY else 'success') %}
    {% for result in results if result.status in ['error', 'fail', 'runtime error', 'partial success'] %}
        {% set status.value = 'failed' %}
    {% endfor %}
    {% do run_query('update ' ~ builds_relation() ~ " set status = '" ~ status.value ~ "' where build_id = '" ~ invocation_id ~ "'") %}
    {% do write_mart_keys() %}
{% endif %}
{% endmacro %}


{% macro write_mart_keys() %}
{% set keys = api.Relation.create(database=target.database, schema='raw', identifier='mart_keys') %}
{% do run_query('drop table if exists ' ~ keys) %}
{% do run_query('create table ' ~ keys ~ ' (mart ' ~ dbt.type_string() ~ ', place integer, column_name ' ~ dbt.type_string() ~ ')') %}
{% for test in graph.nodes.values() if test.resource_type == 'test' and (test.test_metadata or {}).get('name') == 'one_row_per' %}
    {% set mart = graph.nodes.get(test.attached_node) %}
    {% if mart and mart.schema == 'marts' %}
        {% for column in test.test_metadata.kwargs.columns %}
            {% do run_query('insert into ' ~ keys ~ " values ('" ~ mart.name ~ "', " ~ loop.index ~ ", '" ~ column ~ "')") %}
        {% endfor %}
    {% endif %}
{% endfor %}
{% endmacro %}


{% macro builds_relation() %}
{{ return(api.Relation.create(database=target.database, schema='raw', identifier='builds')) }}
{% endmacro %}
