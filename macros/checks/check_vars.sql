{% macro check_vars(problems) %}
{% do check_names(problems) %}
{% do check_shops(problems) %}
{% for name, rule in var_rules().items() %}
    {% do check_value(problems, name, var(name), rule) %}
{% endfor %}
{% do check_order_statuses(problems) %}
{% do check_time_zones(problems) %}
{% do check_shop_labels(problems) %}
{% do check_attributes(problems) %}
{% do check_segmentations(problems) %}
{% do check_score_with_fits(problems) %}
{% endmacro %}


{% macro var_rules() %}
{#- The ranges stand in dbt_project.yml's comments, too; a test holds the two together. -#}
{{ return({
    'extract_encodings': ['choices', 'utf-8', 'utf-16', 'latin-1', 'windows-1252'],
    'extract_date_orders': [
        'choices', 'iso', 'iso_with_offset', 'month_name', 'month_first', 'day_first', 'year_first', 'spreadsheet_day',
    ],
    'extract_decimal_signs': ['choices', 'point', 'comma'],
    'hash_shopify_emails': ['boolean'],
    'as_of_date': ['day'],
    'lines_at_once': ['whole number', 1, 1000000000],
    'count_repeated_orders_once': ['boolean'],
    'rfm_window_days': ['whole number or null', 30, 36500],
    'handling_cost_per_returned_unit': ['number', 0, 1000000],
    'handling_cost_per_return_order': ['number', 0, 1000000],
    'missing_ids': ['texts'],
    'unreadable_lines_warning_pct': ['number', 0, 100],
    'unreadable_lines_limit_pct': ['number', 0, 100],
    'order_conflicts_limit_pct': ['number', 0, 100],
    'minimum_fit_customers': ['whole number', 10, 1000000000],
    'fit_rows': ['whole number', 1000, 1000000000],
    'flag_amount_z': ['number', 0.1, 100],
    'flag_amount_times': ['number', 1, 1000000],
    'flag_low_amount_times': ['number', 1, 1000000],
    'flag_amount_minimum_orders': ['whole number', 3, 1000000000],
    'flag_quantity_times': ['number', 2, 1000000],
    'flag_quantity_minimum_lines': ['whole number', 1, 1000000000],
    'flag_return_history_days': ['whole number', 0, 36500],
    'flag_return_minimum_amount': ['number', 0, 1000000],
    'flag_high_returner_days': ['whole number', 0, 36500],
    'prediction_horizon_days': ['whole number', 7, 366],
    'prediction_cutoffs': ['whole number', 2, 12],
    'lifetime_horizon_days': ['whole number', 7, 3660],
}) }}
{% endmacro %}


{% macro check_order_statuses(problems) %}
{% set name, statuses = 'accepted_order_statuses', var('accepted_order_statuses') %}
{% if statuses is not mapping %}
    {% do refuse_var(problems, name, statuses, 'a mapping from shops to lists of order statuses') %}
{% else %}
    {% for shop, accepted in statuses.items() %}
        {% if not accepted or not is_list_of_texts(accepted) %}
            {% do refuse_var(problems, name ~ '.' ~ shop, accepted, 'a list of order statuses, each a text') %}
        {% endif %}
    {% endfor %}
{% endif %}
{% endmacro %}


{% macro check_time_zones(problems) %}
{% set zones = var('extract_time_zones') %}
{% if zones is not mapping %}
    {% do refuse_var(problems, 'extract_time_zones', zones, 'a mapping from raw tables to time zones') %}
{% elif zones %}
    {% set known = time_zones() %}
    {% for name, zone in zones.items() if zone not in known %}
        {% do refuse_var(problems, 'extract_time_zones.' ~ name, zone, 'a time zone such as UTC or America/New_York') %}
    {% endfor %}
{% endif %}
{% endmacro %}


{% macro check_shop_labels(problems) %}
{% for name, pattern, accepted in [
    ('shop_names', '.*[^ ].*', 'a name'),
    ('shop_currencies', '[A-Z]{3}', 'three capital letters such as GBP'),
] %}
    {% if var(name) is not mapping %}
        {% do refuse_var(problems, name, var(name), 'a mapping from shops to ' ~ accepted) %}
    {% else %}
        {% for shop, label in var(name).items() if label is not string or not modules.re.fullmatch(pattern, label) %}
            {% do refuse_var(problems, name ~ '.' ~ shop, label, accepted) %}
        {% endfor %}
    {% endif %}
{% endfor %}
{% endmacro %}
