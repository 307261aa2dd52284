{% macro read_id(column) -%}
regexp_replace(trim(cast({{ column }} as {{ dbt.type_string() }})), '[.]0$', '')
{%- endmacro %}


{% macro read_whole_number(column) -%}
case
            when {{ read_as(column, money_type()) }} = {{ read_as(column, 'integer') }}
                then {{ read_as(column, 'integer') }}
        end
{%- endmacro %}
