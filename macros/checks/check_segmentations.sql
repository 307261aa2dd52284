{% macro check_segmentations(problems) %}
{% set before = problems | length %}
{% for name in ['segmentations', 'own_segmentations'] if var(name) is not mapping %}
    {% do refuse_var(problems, name, var(name), 'a mapping from names to segmentations') %}
{% endfor %}
{% if problems | length == before %}
    {% for segmentation, config in segmentations().items() %}
        {% set of_var = 'own_segmentations.' if segmentation in var('own_segmentations') else 'segmentations.' %}
        {% do check_segmentation(problems, of_var ~ segmentation, config) %}
    {% endfor %}
    {% if var('primary_segmentation') not in segmentations() %}
        {% do refuse_var(problems, 'primary_segmentation', var('primary_segmentation'), segmentations() | join(', ')) %}
    {% endif %}
{% endif %}
{% endmacro %}


{% macro check_segmentation(problems, where, config) %}
{% do check_choices(problems, where, {'method': config.method}, ['kmeans', 'rules']) %}
{% if config.method == 'rules' %}
    {% do check_keys(problems, where, config, ['method', 'rules']) %}
    {% if 'rules' in config %}{% do check_rules(problems, where, config.rules) %}{% endif %}
{% elif config.method == 'kmeans' %}
    {% do check_keys(problems, where, config, ['method', 'features', 'transform', 'clusters'], ['segments']) %}
    {% if 'features' in config %}{% do check_features(problems, where ~ '.features', config.features) %}{% endif %}
    {% if 'transform' in config %}
        {% do check_choices(problems, where, {'transform': config.transform}, ['log', 'none']) %}
    {% endif %}
    {% do check_segments(problems, where ~ '.segments', config.get('segments', [])) %}
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


{% macro check_segments(problems, where, segments) %}
{% set keys, claims = ['name', 'recommended_actions', 'watchouts'], ['buys_most', 'buys_again', 'buys_least'] %}
{% if segments is not sequence or segments is string or segments is mapping %}
    {% do refuse_var(problems, where, segments, 'a list of segments, each with ' ~ keys | join(', ')) %}
{% else %}
    {% for segment in segments %}
        {% if segment is not mapping %}
            {% do refuse_var(problems, where, segment, 'a segment with ' ~ keys | join(', ')) %}
        {% else %}
            {% do check_keys(problems, where, segment, keys, ['segment_order', 'outlook_claim', 'is_returner']) %}
            {% if segment.get('segment_order', 1) not in range(1, 16) %}
                {% do refuse_var(problems, where ~ '.segment_order', segment.segment_order, 'a whole number from 1 to 15') %}
            {% endif %}
            {% if segment.outlook_claim and segment.outlook_claim not in claims %}
                {% do refuse_var(problems, where ~ '.outlook_claim', segment.outlook_claim, claims | join(', ')) %}
            {% endif %}
            {% if segment.get('is_returner', false) is not boolean %}
                {% do refuse_var(problems, where ~ '.is_returner', segment.is_returner, 'true, false') %}
            {% endif %}
        {% endif %}
    {% endfor %}
{% endif %}
{% endmacro %}


{% macro check_keys(problems, where, config, keys, optional=[]) %}
{% set known = keys + optional %}
{% for key in config if key not in known %}{% do refuse_var(problems, where, key, known | join(', ')) %}{% endfor %}
{% for key in keys if key not in config %}{% do refuse_var(problems, where, 'no ' ~ key, keys | join(', ')) %}{% endfor %}
{% endmacro %}
