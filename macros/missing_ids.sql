{% macro missing_to_null(column) -%}
case when not {{ matches(column, missing_id_pattern()) }} then {{ column }} end
{%- endmacro %}


{#- Nothing but zeros is nobody, however the number is written. -#}
{% macro missing_customer_to_null(column) -%}
case when not {{ matches(column, missing_id_pattern('[0.,]+')) }} then {{ column }} end
{%- endmacro %}


{% macro missing_id_pattern(besides='') %}
{#- One expression that fails at the first letter of most ids: a list of words would cost a pass over the lines five times as much. -#}
{% set words = [] %}
{% for word in var('missing_ids') %}{% do words.append(modules.re.escape(word | trim)) %}{% endfor %}
{{ return('(?i)[\\s\\x{A0}]*(' ~ (words + [besides]) | join('|') ~ '|)[\\s\\x{A0}]*') }}
{% endmacro %}
