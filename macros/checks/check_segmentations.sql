{% macro check_segmentations(problems) %}
{% set segmentations = var('segmentations') %}
{% if segmentations is not mapping %}
    {% do refuse_var(problems, 'segmentations', segmentations, 'a mapping from names to segmentations') %}
{% else %}
    {% for segmentation, config in segmentations.items() %}
        {% do check_segmentation(problems, 'segmentations.' ~ segmentation, config) %}
    {% endfor %}
    {% if var('primary_segmentation') not in segmentations | list %}
        {% do refuse_var(problems, 'primary_segmentation', var('primary_segmentation'), segmentations | join(', ')) %}
    {% endif %}
{% endif %}
{% endmacro %}


{% macro check_segmentation(problems, where, config) %}
{% do check_choices(problems, where, {'method': config.method}, ['kmeans', 'rules']) %}
{% if config.method == 'rules' %}
    {% do check_keys(problems, where, config, ['method', 'rules']) %}
    {% if 'rules' in config %}{% do check_rules(problems, where, config.rules) %}{% endif %}
{% elif config.method == 'kmeans' %}
    {% do check_keys(problems, where, config, ['method', 'features', 'transform', 'clusters']) %}
    {% if 'features' in config %}{% do check_features(problems, where ~ '.features', config.features) %}{% endif %}
    {% if 'transform' in config %}
        {% do check_choices(problems, where, {'transform': config.transform}, ['log', 'none']) %}
    {% endif %}
    {% set clusters = config.clusters %}
    {% set is_whole = clusters is integer and clusters is not boolean %}
    {% if 'clusters' in config and clusters != 'auto' and not (is_whole and 2 <= clusters <= 10) %}
        {% do refuse_var(problems, where ~ '.clusters', clusters, 'auto, or a whole number from 2 to 10') %}
    {% endif %}
{% endif %}
{% endmacro %}


{% macro check_features(problems, where, features) %}
{% set accepted = ['recency_days', 'frequency', 'monetary', 'return_rate_pct'] %}
{% if features is not sequence or features is string or features is mapping or not features %}
    {% do refuse_var(problems, where, features, 'a list of ' ~ accepted | join(', ')) %}
{% else %}
    {% for feature in features if feature not in accepted %}
        {% do refuse_var(problems, where, feature, accepted | join(', ')) %}
    {% endfor %}
{% endif %}
{% endmacro %}


{% macro check_keys(problems, where, config, keys) %}
{% for key in config if key not in keys %}{% do refuse_var(problems, where, key, keys | join(', ')) %}{% endfor %}
{% for key in keys if key not in config %}{% do refuse_var(problems, where, 'no ' ~ key, keys | join(', ')) %}{% endfor %}
{% endmacro %}
