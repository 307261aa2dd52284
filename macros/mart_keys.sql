{% macro write_mart_keys() %}
{% set keys = raw_relation('mart_keys') %}
{% set old_keys %}
drop table if exists {{ keys }}
{% endset %}
{% set keys_table %}
create table {{ keys }} (
    mart {{ dbt.type_string() }},
    place integer,
    column_name {{ dbt.type_string() }},
    mart_schema {{ dbt.type_string() }}
)
{% endset %}
{% set rows %}
{% for test in graph.nodes.values() if test.resource_type == 'test' and (test.test_metadata or {}).get('name') == 'one_row_per' %}
    {% set mart = graph.nodes.get(test.attached_node) %}
    {% if mart and is_mart(mart) %}
        {% for column in test.test_metadata.kwargs.columns %}
        ('{{ mart.alias }}', {{ loop.index }}, '{{ column }}', '{{ mart.schema }}'),
        {% endfor %}
    {% endif %}
{% endfor %}
{% endset %}
{% do run_query(old_keys) %}
{% do run_query(keys_table) %}
{% if rows | trim %}
    {% set new_keys %}
    insert into {{ keys }} values {{ (rows | trim)[:-1] }}
    {% endset %}
    {% do run_query(new_keys) %}
{% endif %}
{% endmacro %}


{% macro is_mart(node) %}
{{ return(node.package_name == 'patronage' and node.resource_type == 'model' and node.fqn[1] == 'marts') }}
{% endmacro %}
