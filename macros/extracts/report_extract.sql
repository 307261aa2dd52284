{% macro extract_report_relation() %}
{{ return(api.Relation.create(database=target.database, schema='raw', identifier='extracts')) }}
{% endmacro %}


{% macro query_extract_report(name) %}
{% if not relation_exists('raw.extracts') %}{{ return([]) }}{% endif %}
{% set report_query %}
select location, encoding, delimiter, date_order
from {{ extract_report_relation() }}
where extract = {{ sql_text(name) }}
{% endset %}
{{ return(run_query(report_query).rows) }}
{% endmacro %}


{% macro create_extract_report() %}
{% set report = extract_report_relation() %}
{% do adapter.create_schema(report) %}
{% set report_table %}
create table if not exists {{ report }} (
    extract {{ dbt.type_string() }},
    location {{ dbt.type_string() }},
    encoding {{ dbt.type_string() }},
    delimiter {{ dbt.type_string() }},
    date_order {{ dbt.type_string() }},
    row_count {{ dbt.type_bigint() }}
)
{% endset %}
{% do run_query(report_table) %}
{% endmacro %}


{% macro report_extract(name, found) %}
{% if not relation_exists('raw.extracts') %}{{ return('') }}{% endif %}
{% set report = extract_report_relation() %}
{% set old_row %}
delete from {{ report }} where extract = {{ sql_text(name) }}
{% endset %}
{% set new_row %}
insert into {{ report }} values (
    {{ sql_text(name) }}, {{ sql_text(found.location) }}, {{ sql_text(found.encoding) }},
    {{ sql_text(found.delimiter) }}, {{ sql_text(found.date_order) }}, {{ found.row_count }}
)
{% endset %}
{% do run_query(old_row) %}
{% do run_query(new_row) %}
{{ log(
    name ~ ": " ~ found.row_count ~ " rows from " ~ found.location
    ~ (", " ~ found.encoding if found.encoding else "") ~ ", dates " ~ found.date_order, info=true
) }}
{% endmacro %}
