{#- What a model by file needs of an engine: macros/increments.sql has the rest. -#}

{% macro materialized_by_file() %}
{{ return(adapter.dispatch('materialized_by_file', 'patronage')()) }}
{% endmacro %}

{% macro default__materialized_by_file() -%}
view
{%- endmacro %}

{% macro duckdb__materialized_by_file() -%}
incremental
{%- endmacro %}


{% macro view_or_table() %}
{{ return(adapter.dispatch('view_or_table', 'patronage')()) }}
{% endmacro %}

{% macro default__view_or_table() -%}
table
{%- endmacro %}

{% macro duckdb__view_or_table() -%}
view
{%- endmacro %}


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
{% for extract in extracts_read_alone() %}{% do words.append(extract ~ tojson(column_types(raw_schema() ~ '.' ~ extract))) %}{% endfor %}
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


{% macro is_split_until_marked() %}
{{ return(adapter.dispatch('is_split_until_marked', 'patronage')()) }}
{% endmacro %}

{% macro default__is_split_until_marked() -%}
{#- Where rows cannot be updated, every order is summed from its rows, be it one. -#}
true
{%- endmacro %}

{% macro duckdb__is_split_until_marked() -%}
false
{%- endmacro %}


{% macro mark_split_orders() %}
{{ return(adapter.dispatch('mark_split_orders', 'patronage')()) }}
{% endmacro %}

{% macro default__mark_split_orders() %}{% endmacro %}

{% macro duckdb__mark_split_orders() %}
{% set files_query %}
select shop
from (select shop, raw_file, {{ dbt.bool_or('is_split') }} as has_split from {{ this }} group by shop, raw_file) as read_files
group by shop
having count(*) > 1 or {{ dbt.bool_or('has_split') }}
{% endset %}
{% if execute and run_query(files_query).rows %}
update {{ this }}
set is_split = not is_split
where
    is_split <> (
        (shop, order_id) in (
            select shop, order_id
            from {{ this }}
            group by shop, order_id
            having count(*) > 1
        )
    )
{% endif %}
{% endmacro %}


{% macro get_incremental_by_file_sql(arg_dict) %}
{#- Files that do not stand are read anew or gone: their rows give way to what was read. -#}
{% set columns = arg_dict.dest_columns | map(attribute='quoted') | join(', ') %}
delete from {{ arg_dict.target_relation }} where {{ is_line_to_read() }};
insert into {{ arg_dict.target_relation }} ({{ columns }})
select {{ columns }} from {{ arg_dict.temp_relation }}
{% endmacro %}
