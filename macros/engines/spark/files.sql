{#- How Spark gets raw extracts and seeds: src/dbt_patronage_spark.py gives its adapter these methods. -#}

{% macro spark__call_landing(request) %}
{{ return(fromjson(adapter.land_extract(request))) }}
{% endmacro %}


{% macro spark__query_extracts(query) %}
{{ return(adapter.query_extracts(query)) }}
{% endmacro %}


{% macro spark__change_extracts(statement) %}
{% do adapter.change_extracts(statement) %}
{% endmacro %}


{% macro spark__create_csv_table(model, agate_table) %}
{% do adapter.write_seed(this.render(), agate_table, model.config.column_types) %}
{{ return('') }}
{% endmacro %}


{% macro spark__reset_csv_table(model, full_refresh, old_relation, agate_table) %}
{% do adapter.write_seed(this.render(), agate_table, model.config.column_types) %}
{{ return('') }}
{% endmacro %}


{% macro spark__load_csv_rows(model, agate_table) %}
{#- The table has its rows from the start: dbt-spark's own inserts write a null as the text None. -#}
{{ return('') }}
{% endmacro %}
