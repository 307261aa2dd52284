{% macro prediction_baselines() %}
{#- Who is away long, buys little or seldom is likely to churn, and unlikely to do anything else. -#}
{% set direction = "case when model = 'churn' then -1 else 1 end" %}
{{ return({
    'recency': {'words': 'recency', 'score': direction ~ ' * -recency_days'},
    'rfm_sum': {'words': 'the RFM sum', 'score': direction ~ ' * rfm_sum'},
    'monetary': {'words': 'past spend', 'score': direction ~ ' * monetary'},
    'order_rate': {'words': 'orders per day', 'score': direction ~ ' * order_rate'},
}) }}
{% endmacro %}


{% macro prediction_scorers() %}
{% set scorers = {'model': 'predicted'} %}
{% for baseline, how in prediction_baselines().items() %}
{% do scorers.update({baseline: how.score}) %}
{% endfor %}
{{ return(scorers) }}
{% endmacro %}
