{% macro prediction_features() %}
{#- A usual gap needs two days of purchase; who has none is taken as usual. Tenfold is as late as late gets. -#}
{% set gap_ratio -%}
case
                when frequency > 1 and tenure_days > recency_days
                    then ln(greatest(least(
                        cast(recency_days * (frequency - 1) as double) / (tenure_days - recency_days),
                        10
                    ), 0.1))
                else 0
            end
{%- endset %}
{{ return({
    'log_recency_days': 'ln(1 + recency_days)',
    'log_frequency': 'ln(1 + frequency)',
    'log_monetary': 'ln(1 + greatest(cast(monetary as double), 0))',
    'log_return_rate_pct': 'ln(1 + cast(return_rate_pct as double))',
    'log_tenure_days': 'ln(1 + tenure_days)',
    'log_gap_ratio': gap_ratio,
    'log_order_trend': 'ln(cast(1 + recent_orders as double) / (1 + previous_orders))',
}) }}
{% endmacro %}
