{% set groups = {'contacted': 'not is_held_out', 'held_out': 'is_held_out'} -%}

with

campaign_customers as (

    select
        *,
        next_orders > 0 as has_bought
    from {{ ref('int_campaign_customers') }}

),

summed as (

    select
        shop,
        campaign,
        min(sent_on) as first_sent_on,
        max(sent_on) as last_sent_on,
        count(case when not is_over then 1 end) as open_customers,
        {% for group, condition in groups.items() %}
        count(case when is_over and {{ condition }} then 1 end) as {{ group }}_customers,
        count(case when is_over and {{ condition }} and has_bought then 1 end)
            as {{ group }}_buyers,
        cast(
            coalesce(sum(case when is_over and {{ condition }} then next_revenue end), 0)
            as {{ money_type() }}
        ) as {{ group }}_revenue,
        {% endfor %}
        cast(
            sum(case when is_over then cast(next_revenue as decimal(19, 4)) * next_revenue end)
            as double
        ) as squares
    from campaign_customers
    group by shop, campaign

),

-- One variance for both groups: with their own, the few customers held out lack the large orders
-- that carry it, and three times as many campaigns seem to have paid as should.
measured as (

    select
        *,
        {% for group in groups %}
        cast({{ group }}_revenue as double) / nullif({{ group }}_customers, 0)
            as {{ group }}_mean,
        {% endfor %}
        {{ campaign_margin() }} as margin
    from summed

),

judged as (

    select
        *,
        contacted_mean - held_out_mean as difference,
        least(contacted_customers, held_out_customers) >= 30
        and least(contacted_buyers, held_out_buyers) >= 10 as is_enough
    from measured

),

worded as (

    select
        shop,
        campaign,
        case
            when contacted_customers = 0 then 'not over yet'
            when held_out_customers = 0 then 'nobody held out'
            when not is_enough then 'too few to tell'
            when difference > margin then 'paid'
            when difference < -margin then 'lost'
            else 'no difference shown'
        end as verdict,
        {% for group in groups %}
        {{ group }}_customers,
        {{ group }}_buyers,
        {{ share_pct(group ~ '_buyers', group ~ '_customers') }} as {{ group }}_bought_pct,
        {{ group }}_revenue,
        {{ rounded(group ~ '_mean', 2) }} as {{ group }}_revenue_per_customer,
        {% endfor %}
        open_customers,
        {% for name, value in {
            'revenue_per_customer_difference': 'difference',
            'revenue_per_customer_difference_lower': 'difference - margin',
            'revenue_per_customer_difference_upper': 'difference + margin',
        }.items() %}
        case when is_enough then {{ rounded(value, 2) }} end as {{ name }},
        {% endfor %}
        first_sent_on,
        last_sent_on
    from judged

)

select * from worded
