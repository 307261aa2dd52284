{{ segment_score_sql() }}
