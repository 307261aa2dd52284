"""What dbt Python models, tools and the API import: pure, typed functions without dbt objects."""
