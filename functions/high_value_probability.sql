{{ config(materialized='scoring_function') }}
{{ probability_sql('high_value') }}
