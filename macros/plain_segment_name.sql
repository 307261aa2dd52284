{% macro plain_segment_name() -%}
case
                    when is_new and not orders_again then 'New Customers'
                    when orders_again and is_overdue then 'Lapsing Regulars'
                    when orders_again then 'Regular Buyers'
                    when spends_much then 'One-Time Big Spenders'
                    else 'One-Time Buyers'
                end
{%- endmacro %}
