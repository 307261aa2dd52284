{{ config(materialized='scoring_function') }}
{{ segment_score_sql('segment') }}
