{% macro extracts_relation() %}
{{ return(raw_relation('extracts')) }}
{% endmacro %}


{% macro extracts_columns() %}
{% set text, whole = dbt.type_string(), dbt.type_bigint() %}
{{ return({
    'extract': text, 'shop': text, 'location': text, 'file': text, 'format': text, 'is_demo': 'boolean', 'bytes': whole, 'modified_at': 'timestamp',
    'fingerprint': text, 'stamp': text, 'records': whole, 'previous_records': whole, 'row_count': whole, 'rejected_records': whole,
    'encoding': text, 'delimiter': text, 'quote_escape': text, 'date_order': text, 'date_format': text, 'losing_dates_pct': 'double',
    'decimal_sign': text, 'has_plain_numbers': 'boolean', 'time_zone': text, 'settings': text, 'warning': text,
    'landed_at': 'timestamp',
}) }}
{% endmacro %}


{% macro create_extracts_table() %}
{% set relation, columns = extracts_relation(), extracts_columns() %}
{% do adapter.create_schema(relation) %}
{#- An older one has other columns; what it tells is found out again. -#}
{% set known = query_extracts('select * from ' ~ relation ~ ' limit 0') %}
{% if known is not none and known.column_names | list != columns | list %}
    {% do change_extracts('drop table ' ~ relation) %}
{% endif %}
{% set extracts_table %}
create table if not exists {{ relation }} (
    {%- for column, type in columns.items() %}
    {{ column }} {{ type }}{{ ',' if not loop.last }}
    {%- endfor %}
)
{% endset %}
{% do change_extracts(extracts_table) %}
{% endmacro %}


{% macro query_extract(name) %}
{% set extract_query %}
select
    location,
    date_order,
    date_format,
    losing_dates_pct,
    decimal_sign,
    has_plain_numbers,
    time_zone,
    settings
from {{ extracts_relation() }}
where extract = {{ sql_text(name) }}
limit 1
{% endset %}
{% set found = query_extracts(extract_query) %}
{{ return([] if found is none else found.rows) }}
{% endmacro %}


{% macro forget_location(name) %}
{% do change_extracts('update ' ~ extracts_relation() ~ ' set location = null where extract = ' ~ sql_text(name)) %}
{% endmacro %}


{% macro keep_styles(name, styles) %}
{% set kept_styles %}
update {{ extracts_relation() }}
set
    {%- for column, value in styles.items() %}
    {{ column }} = {{ sql_text(value) if value is string or value is none else value }}{{ ',' if not loop.last }}
    {%- endfor %}
where extract = {{ sql_text(name) }}
{% endset %}
{% do change_extracts(kept_styles) %}
{% endmacro %}
