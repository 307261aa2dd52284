{{ probability_sql('high_value') }}
