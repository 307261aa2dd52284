{{ probability_sql('churn') }}
