{% test is_between(model, column_name, lowest=none, highest=none) %}
{#- Every value that is there lies between two numbers, either of which may be left out. -#}
select {{ column_name }}
from {{ model }}
where
    {{ column_name ~ ' < ' ~ lowest if lowest is not none else 'false' }}
    or {{ column_name ~ ' > ' ~ highest if highest is not none else 'false' }}
{% endtest %}
