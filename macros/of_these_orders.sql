{% macro is_of_these_orders(name) %}
{#- Not so for a model that a build of new orders leaves out: what it holds is of earlier ones. -#}
{% set selected = selected_resources if execute and model.resource_type != 'unit_test' else [] %}
{{ return('model.patronage.int_orders' not in selected or 'model.patronage.' ~ name in selected) }}
{% endmacro %}


{% macro of_these_orders(name, columns) -%}
{%- set relation, text = ref(name), dbt.type_string() -%}
{%- if is_of_these_orders(name) -%}
{{ relation }}
{%- else -%}
(
    select
        cast(null as {{ text }}) as shop,
        cast(null as {{ text }}) as customer_id
        {%- for column, type in columns.items() %},
        cast(null as {{ type }}) as {{ column }}
        {%- endfor %}
    where false
)
{%- endif -%}
{%- endmacro %}
