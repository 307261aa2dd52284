{% macro read_id(column) -%}
{#- An id as text: spaces around it and the ".0" that a spreadsheet or a float column appended are dropped. -#}
regexp_replace(trim(cast({{ column }} as {{ dbt.type_string() }})), '[.]0$', '')
{%- endmacro %}


{% macro read_whole_number(column) -%}
{#- A whole number; what is no number, or has a fraction, is null. -#}
case
            when {{ read_as(column, money_type()) }} = {{ read_as(column, 'integer') }}
                then {{ read_as(column, 'integer') }}
        end
{%- endmacro %}
