{{ segment_score_sql(segment_only=true) }}
