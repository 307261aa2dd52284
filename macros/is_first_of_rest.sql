{% macro is_first_of_rest(order_by, named) -%}
cluster_id > 0
        {% for flag in named %}and not {{ flag }} {% endfor %}
        and row_number() over (
            partition by shop, cluster_id > 0{% for flag in named %}, {{ flag }}{% endfor %}

            order by {{ order_by }} nulls last, cluster_id asc
        ) = 1
{%- endmacro %}
