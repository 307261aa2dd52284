with

predictions as (

    select * from {{ ref('int_backtest_predictions') }}

),

influences as (

    select * from {{ ref('int_customer_influences') }}

),

counted as (

    select
        shop,
        model,
        periods_ago,
        count(case when is_positive then 1 end) as positives,
        count(case when not is_positive then 1 end) as negatives
    from predictions
    group by shop, model, periods_ago

),

cutoffs as (

    select
        shop,
        model,
        count(*) as cutoffs,
        cast(sum(positives) as {{ dbt.type_bigint() }}) as tested_positives,
        cast(sum(negatives) as {{ dbt.type_bigint() }}) as tested_negatives,
        min(least(positives, negatives)) as fewest_of_a_label
    from counted
    where positives > 0 and negatives > 0
    group by shop, model

),

differences as (

    {% for baseline in prediction_baselines() %}
    select
        shop,
        model,
        '{{ baseline }}' as baseline,
        auc_part_model - auc_part_{{ baseline }} as gain,
        cast(influence_model - influence_{{ baseline }} as double) as influence
    from influences
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

compared as (

    select
        shop,
        model,
        baseline,
        cast(sum(gain) as double) as sum_of_gains,
        sqrt(cast(sum(cast(power(influence, 2) as decimal(38, 24))) as double)) as standard_error
    from differences
    group by shop, model, baseline

),

-- 95 % of a normal distribution; one customer of a label says nothing of how others would stand
averaged as (

    select
        compared.shop,
        compared.model,
        compared.baseline,
        cutoffs.cutoffs,
        cutoffs.tested_positives,
        cutoffs.tested_negatives,
        compared.sum_of_gains / cutoffs.cutoffs as gain,
        case
            when cutoffs.fewest_of_a_label > 1
                then 1.959963984540054e0 * compared.standard_error / cutoffs.cutoffs
        end as margin
    from compared
    inner join cutoffs
        on compared.shop = cutoffs.shop and compared.model = cutoffs.model

),

bounded as (

    select
        shop,
        model,
        baseline,
        cutoffs,
        tested_positives,
        tested_negatives,
        {{ rounded('gain', 6) }} as auc_gain,
        {{ rounded('gain - margin', 6) }} as auc_gain_low,
        {{ rounded('gain + margin', 6) }} as auc_gain_high,
        row_number() over (
            partition by shop, model order by round(gain - margin, 6), round(gain, 6), baseline
        ) = 1 as is_strongest
    from averaged

)

select * from bounded
