{#- What decides how a line is read, apart from its file: if it changes, all lines are read anew. -#}

{% macro reading_of_lines() %}
{{ return(adapter.dispatch('reading_of_lines', 'patronage')()) }}
{% endmacro %}

{% macro default__reading_of_lines() %}
{#- None: every build reads all lines. -#}
{{ return(none) }}
{% endmacro %}

{% macro duckdb__reading_of_lines() %}
{% set nodes, words = nodes_behind('int_checked_lines'), [model.raw_code, count_once('lines'), money_once('amount')] %}
{% for node in nodes if node.resource_type != 'seed' and node.config.materialized not in ['view', 'ephemeral'] %}
    {{ return(none) }}
{% endfor %}
{% for extract in extracts_read_alone() %}{% do words.append(extract ~ tojson(column_types('raw.' ~ extract))) %}{% endfor %}
{% set words_query %}
select version() as words
{% for node in nodes %}
union all
{% if node.resource_type == 'seed' %}
select cast(bit_xor(hash(seed)) as varchar) from {{ relation_of(node) }} as seed
{% else %}
-- the last time that can be believed moves with each landing: files_that_stand compares it
select {{ "regexp_replace(sql, 'CAST\\(''[0-9-]+'' AS TIMESTAMP\\)', '', 'g')" if node.name == 'int_checked_lines' else 'sql' }}
from duckdb_views()
where schema_name = {{ sql_text(node.schema) }} and view_name = {{ sql_text(node.alias) }}
{% endif %}
{% endfor %}
order by words
{% endset %}
{% for row in run_query(words_query).rows %}{% do words.append(row[0]) %}{% endfor %}
{{ return(local_md5(words | join('\n'))) }}
{% endmacro %}


{% macro extracts_read_alone() %}
{#- Raw extracts of lines that come from one extract only: then a line's file says all that it was read from. -#}
{% set alone = [] %}
{% for shop in shops_of_grain('order_lines') %}
    {% set extracts = nodes_behind('stg_' ~ shop ~ '__order_lines') | map(attribute='config.meta.extract') | select | list %}
    {% if extracts | length == 1 %}{% do alone.append(extracts[0]) %}{% endif %}
{% endfor %}
{{ return(alone) }}
{% endmacro %}


{% macro nodes_behind(name) %}
{#- The node of this name, and all that it is made from, in the order of their names. -#}
{% set found, waiting = {}, graph.nodes.values() | selectattr('name', 'equalto', name) | list %}
{% for _ in graph.nodes if waiting %}
    {% set node = waiting.pop() %}
    {% do found.update({node.unique_id: node}) %}
    {% for parent in node.depends_on.nodes if parent in graph.nodes and parent not in found %}{% do waiting.append(graph.nodes[parent]) %}{% endfor %}
{% endfor %}
{{ return(found.values() | sort(attribute='unique_id') | list) }}
{% endmacro %}


{% macro relation_of(node) %}
{{ return(api.Relation.create(database=node.database, schema=node.schema, identifier=node.alias)) }}
{% endmacro %}
