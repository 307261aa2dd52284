{{ segment_score_sql('cluster') }}
