{% macro probability_sql(model_name) -%}
{%- set fits = published_slopes(model_name, ref('int_logistic_slopes'), ref('int_model_gates')) -%}
case
    when shop is null then null
    {{- ' when recency_days > ' ~ 2 * var('prediction_horizon_days') ~ ' then null' if model_name == 'churn' }}
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
            + {{ fit[feature] }} * ({{ expression }})
{%- endfor %}
{%- endmacro %}


{% macro published_slopes(model_name, slopes, gates) %}
{% set fits = [] %}
{% if not execute %}{{ return(fits) }}{% endif %}
{% set columns = ['slopes.shop', text_of_double('slopes.intercept') ~ ' as intercept'] %}
{% for feature in prediction_features() %}
    {% do columns.append(text_of_double('slopes.' ~ feature ~ '_slope') ~ ' as ' ~ feature) %}
{% endfor %}
{{ return(run_query(
    'select ' ~ columns | join(', ') ~ ' from ' ~ slopes ~ ' as slopes inner join ' ~ gates ~ ' as gates on slopes.shop'
    ~ " = gates.shop and slopes.model = gates.model where slopes.periods_ago = 0 and gates.is_published and slopes.model = '"
    ~ model_name ~ "' order by 1"
).rows) }}
{% endmacro %}
