{% macro probability_sql(model_name) -%}
{%- set fits = published_slopes(model_name, ref('int_published_slopes')) -%}
case
    when shop is null then null
{%- if model_name == 'churn' %}
    when recency_days > {{ 2 * var('prediction_horizon_days') }} then null
{%- endif %}
{%- for fit in fits %}
    when shop = '{{ fit.shop }}' then
        1 / (1 + exp(-(
            {{ logit_sql(fit) }}
        )))
{%- endfor %}
end
{%- endmacro %}


{% macro logit_sql(fit) -%}
{{ fit.intercept }}
{%- for feature, expression in prediction_features().items() %}
            + {{ fit[feature ~ '_slope'] }} * ({{ expression }})
{%- endfor %}
{%- endmacro %}


{% macro published_slopes(model_name, slopes) %}
{% if not execute %}{{ return([]) }}{% endif %}
{% set query %}
select * from {{ slopes }}
where model = '{{ model_name }}'
order by shop
{% endset %}
{{ return(run_query(query).rows) }}
{% endmacro %}
