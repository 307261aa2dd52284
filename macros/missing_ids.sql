{% macro missing_to_null(column) -%}
case
            {{- when_plainly_an_id(column) }}
            when not {{ matches(column, missing_id_pattern()) }} then {{ column }}
        end
{%- endmacro %}


{#- Nothing but zeros is nobody, however the number is written. -#}
{% macro missing_customer_to_null(column) -%}
case
            {{- when_plainly_an_id(column) }}
            when not {{ matches(column, missing_id_pattern('[0.,]+')) }} then {{ column }}
        end
{%- endmacro %}


{% macro when_plainly_an_id(column) %}
{#- Most ids begin with a digit, and no word for a missing one does: they are spared the regular expression. -#}
{%- set first_signs = var('missing_ids') | map('trim') | select | map('first') -%}
{%- if not first_signs | select('in', '123456789') | list %}
            when {{ column }} >= '1' and {{ column }} < ':' then {{ column }}
{%- endif %}
{%- endmacro %}


{% macro missing_id_pattern(besides='') %}
{#- One expression that fails at the first letter of most ids: a list of words would cost a pass over the lines five times as much. -#}
{% set words = [] %}
{% for word in var('missing_ids') %}{% do words.append(modules.re.escape(word | trim)) %}{% endfor %}
{{ return('(?i)[\\s\\x{A0}]*(' ~ (words + [besides]) | join('|') ~ '|)[\\s\\x{A0}]*') }}
{% endmacro %}
