with

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

customer_scores as (

    select * from {{ ref('int_customer_scores') }}

),

{% set measures = {'recency_days': 'recency', 'frequency': 'frequency', 'monetary': 'monetary'} %}
measured as (

    {% for measure, score in measures.items() %}
    select
        customers.shop,
        '{{ measure }}' as measure,
        customer_scores.{{ score }}_score as score,
        cast(customers.{{ measure }} as {{ money_type() }}) as measured_value
    from customers
    inner join customer_scores
        on
            customers.shop = customer_scores.shop
            and customers.customer_id = customer_scores.customer_id
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

edged as (

    select
        shop,
        measure,
        score,
        count(*) as customers,
        min(measured_value) as lowest_value,
        max(measured_value) as highest_value
    from measured
    group by shop, measure, score

)

select * from edged
