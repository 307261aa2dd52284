{% macro campaign_margin() -%}
{#- Student (1908) for two samples with one variance; so many customers take the normal quantile. -#}
{%- set customers = '(contacted_customers + held_out_customers)' -%}
1.959963984540054e0 * sqrt(
            greatest(
                squares
                - power(cast(contacted_revenue as double), 2) / nullif(contacted_customers, 0)
                - power(cast(held_out_revenue as double), 2) / nullif(held_out_customers, 0), 0
            ) / nullif({{ customers }} - 2, 0)
            * (1.0e0 / nullif(contacted_customers, 0) + 1.0e0 / nullif(held_out_customers, 0))
        )
{%- endmacro %}
