{% macro check_before_run() %}
{% if execute %}
    {% do check_vars() %}
    {% do check_extracts_are_named_together() %}
    {% if flags.WHICH in ['build', 'run'] %}
        {% do create_extract_report() %}
        {% for node in graph.nodes.values() if node.config.get('meta', {}).get('extract') %}
            {% set name = node.config.meta.extract %}
            {% if var(name, none) is not none %}
                {% do report_extract(name, profile_extract(name)) %}
            {% endif %}
        {% endfor %}
    {% endif %}
{% endif %}
{% endmacro %}


{% macro check_extracts_are_named_together() %}
{% for shop in var('shops') %}
    {% set named, missing = [], [] %}
    {% for node in graph.nodes.values() if (node.config.get('meta') or {}).get('extract', '').startswith(shop ~ '_') %}
        {% do (missing if var(node.config.meta.extract, none) is none else named).append(node.config.meta.extract) %}
    {% endfor %}
    {% if named and missing %}
        {{ exceptions.raise_compiler_error(
            'vars ' ~ missing | join(', ') ~ ': found none, but ' ~ named | join(', ') ~ ' is named; accepted: all raw tables of shop '
            ~ shop ~ ' or none of them, because real and demo data do not mix.'
        ) }}
    {% endif %}
{% endfor %}
{% endmacro %}


{% macro check_vars() %}
{% do check_choices('shops', var('shops'), ['order_lines', 'orders', 'customers']) %}
{% do check_choices('extract_encodings', var('extract_encodings'), ['utf-8', 'latin-1', 'utf-16']) %}
{% do check_choices('extract_date_orders', var('extract_date_orders'), ['iso', 'month_first', 'day_first']) %}
{% do check_date('as_of_date') %}
{% do check_boolean('count_repeated_orders_once') %}
{% do check_number('unreadable_lines_warning_pct', 0, 100) %}
{% do check_number('handling_cost_per_returned_unit', 0, 1000000) %}
{% do check_number('handling_cost_per_return_order', 0, 1000000) %}
{% do check_whole_number('minimum_fit_customers', 10, 1000000000) %}
{% do check_whole_number('fit_rows', 1000, 1000000000) %}
{% do check_whole_number('prediction_horizon_days', 7, 366) %}
{% do check_whole_number('prediction_cutoffs', 2, 12) %}
{% do check_whole_number('lifetime_horizon_days', 7, 3660) %}
{% do check_flags() %}
{% do check_segmentations() %}
{% do check_score_with_fits() %}
{% endmacro %}


{% macro check_flags() %}
{% do check_number('flag_amount_z', 0.1, 100) %}
{% do check_number('flag_amount_times', 1, 1000000) %}
{% do check_number('flag_low_amount_times', 1, 1000000) %}
{% do check_whole_number('flag_amount_minimum_orders', 3, 1000000000) %}
{% do check_number('flag_quantity_times', 2, 1000000) %}
{% do check_whole_number('flag_quantity_minimum_lines', 1, 1000000000) %}
{% do check_whole_number('flag_return_history_days', 0, 36500) %}
{% do check_whole_number('flag_high_returner_days', 0, 36500) %}
{% endmacro %}


{% macro check_segmentations() %}
{% for segmentation, config in var('segmentations').items() %}
    {% set where = 'segmentations.' ~ segmentation %}
    {% do check_choices(where, {'method': config.method}, ['kmeans', 'rules']) %}
    {% if config.method == 'rules' %}
        {% do check_keys(where, config, ['method', 'rules']) %}
        {% do check_rules(where, config.rules) %}
    {% else %}
        {% do check_keys(where, config, ['method', 'features', 'transform', 'clusters']) %}
        {% do check_choices(where, {'transform': config.transform}, ['log', 'none']) %}
        {% set features = ['recency_days', 'frequency', 'monetary', 'return_rate_pct'] %}
        {% for feature in config.features if feature not in features %}
            {% do refuse_var(where ~ '.features', feature, features | join(', ')) %}
        {% endfor %}
        {% set clusters = config.clusters %}
        {% set is_whole = clusters is integer and clusters is not boolean %}
        {% if clusters != 'auto' and not (is_whole and 2 <= clusters <= 10) %}
            {% do refuse_var(where ~ '.clusters', clusters, 'auto, or a whole number from 2 to 10') %}
        {% endif %}
    {% endif %}
{% endfor %}
{% if var('primary_segmentation') not in var('segmentations') %}
    {% do refuse_var('primary_segmentation', var('primary_segmentation'), var('segmentations') | join(', ')) %}
{% endif %}
{% endmacro %}


{% macro check_keys(where, config, keys) %}
{% for key in config if key not in keys %}{% do refuse_var(where, key, keys | join(', ')) %}{% endfor %}
{% for key in keys if key not in config %}{% do refuse_var(where, 'no ' ~ key, keys | join(', ')) %}{% endfor %}
{% endmacro %}


{% macro check_score_with_fits() %}
{% set asked_for = var('score_with_fits') %}
{% if asked_for is string or asked_for is mapping or asked_for is not iterable %}
    {% do refuse_var('score_with_fits', asked_for, 'a list of ids of models.segment_fit_history') %}
{% endif %}
{% set fits, scored = {}, [] %}
{% if asked_for and relation_exists('models.segment_fit_history') %}
    {% for row in run_query('select distinct fit_id, shop, segmentation from models.segment_fit_history order by fit_id').rows %}
        {% do fits.update({row[0]: row[1] ~ '.' ~ row[2]}) %}
    {% endfor %}
{% endif %}
{% for fit_id in asked_for %}
    {% if fit_id not in fits %}
        {% do refuse_var('score_with_fits', fit_id, fits | join(', ') or 'nothing, because there are no fits yet') %}
    {% elif fits[fit_id] in scored %}
        {% do refuse_var('score_with_fits', asked_for, 'one fit per shop and segmentation') %}
    {% endif %}
    {% do scored.append(fits[fit_id]) %}
{% endfor %}
{% endmacro %}
