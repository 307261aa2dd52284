{% macro extract_report_relation() %}
{{ return(api.Relation.create(database=target.database, schema='raw', identifier='extracts')) }}
{% endmacro %}


{% macro query_extract_report(name) %}
{% if not relation_exists('raw.extracts') %}{{ return([]) }}{% endif %}
{{ return(run_query(
    "select location, encoding, delimiter, date_order from " ~ extract_report_relation() ~ " where extract = '" ~ name ~ "'"
).rows) }}
{% endmacro %}


{% macro create_extract_report() %}
{% set report = extract_report_relation() %}
{% do adapter.create_schema(report) %}
{% do run_query(
    "create table if not exists " ~ report ~ " (extract " ~ dbt.type_string() ~ ", location " ~ dbt.type_string()
    ~ ", encoding " ~ dbt.type_string() ~ ", delimiter " ~ dbt.type_string() ~ ", date_order " ~ dbt.type_string()
    ~ ", row_count " ~ dbt.type_bigint() ~ ")"
) %}
{% endmacro %}


{% macro report_extract(name, found) %}
{% if not relation_exists('raw.extracts') %}{{ return('') }}{% endif %}
{% set report = extract_report_relation() %}
{% do run_query("delete from " ~ report ~ " where extract = '" ~ name ~ "'") %}
{% do run_query(
    "insert into " ~ report ~ " values (" ~ sql_text(name) ~ ", " ~ sql_text(found.location) ~ ", "
    ~ sql_text(found.encoding) ~ ", " ~ sql_text(found.delimiter) ~ ", " ~ sql_text(found.date_order) ~ ", "
    ~ found.row_count ~ ")"
) %}
{{ log(
    name ~ ": " ~ found.row_count ~ " rows from " ~ found.location
    ~ (", " ~ found.encoding if found.encoding else "") ~ ", dates " ~ found.date_order, info=true
) }}
{% endmacro %}


{% macro sql_text(value) %}
{{ return("null" if value is none else "'" ~ value | replace("'", "''") ~ "'") }}
{% endmacro %}
