{#- Fader and Hardie 2013, eq. 5: the customer's mean, drawn towards the shop's -#}
{% macro expected_order_value(parameters, purchases, mean_value) -%}
({{ parameters }}.p * ({{ parameters }}.v + ({{ purchases }}) * greatest({{ mean_value }}, 0))
/ ({{ parameters }}.p * ({{ purchases }}) + {{ parameters }}.q - 1))
{%- endmacro %}
