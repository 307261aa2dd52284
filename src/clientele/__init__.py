"""What clientele's dbt Python models, tools and API import: pure, typed functions without dbt objects."""
