{{ segment_score_sql('segment') }}
