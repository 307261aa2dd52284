{{ config(materialized='scoring_function') }}
{{ probability_sql('churn') }}
