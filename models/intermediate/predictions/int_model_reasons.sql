with

verdicts as (

    select * from {{ ref('int_model_publication') }}

),

compared as (

    select
        *,
        concat(
            'mean AUC ', {{ decimal_text('auc', 3) }},
            ' against ', {{ decimal_text('auc - auc_gain', 3) }}, ' of ',
            case strongest_baseline
                {% for baseline, how in prediction_baselines().items() %}
                when '{{ baseline }}' then '{{ how.words }}'
                {% endfor %}
            end,
            ', a gain of ', {{ decimal_text('auc_gain', 4) }},
            ' (95 % interval ', {{ decimal_text('auc_gain_low', 4) }},
            ' to ', {{ decimal_text('auc_gain_high', 4) }}, ')',
            case
                when model = 'lifetime_value'
                    then concat(
                        '; total purchase days were off by ',
                        {{ decimal_text('error_pct', 1) }}, ' % on average'
                    )
                else ''
            end
        ) as figures
    from verdicts

),

worded as (

    select
        shop,
        model,
        strongest_baseline,
        auc_gain,
        auc_gain_low,
        auc_gain_high,
        tested_positives,
        tested_negatives,
        verdict,
        is_published,
        case verdict
            when 'not_a_prediction'
                then 'not a prediction: who is in the most valuable cluster of the same days'
            when 'unusable_fit' then problem
            when 'too_few_customers'
                then 'too little history: not enough customers with and without the label'
            when 'untested'
                then 'published untested: the shop knows no orders, so that its past is not known'
            when 'too_short_history'
                then 'too little history: no later cutoff to test the fit at'
            when 'too_few_tested'
                then concat(
                    'too little history: tested on only ', tested_positives, ' customers with and ',
                    tested_negatives, ' without the label'
                )
            when 'leak' then 'AUC above 0.98: a leak'
            when 'no_better' then concat('no better than a baseline: ', figures)
            when 'published' then concat('published: ', figures)
            when 'right_totals' then concat('published for its totals: ', figures)
        end as reason
    from compared

)

select * from worded
