{{ segment_score_sql('score') }}
