with

customers as (

    select * from {{ ref('int_customer_rfm') }}

),

-- equal values have equal ranks: no customer is split from another by the order of rows
ranked as (

    select
        shop,
        customer_id,
        percent_rank() over (partition by shop order by recency_days desc) as recency_rank,
        percent_rank() over (partition by shop order by frequency) as frequency_rank,
        percent_rank() over (partition by shop order by monetary) as monetary_rank
    from customers

),

scored as (

    select
        shop,
        customer_id,
        cast(least(floor(5 * recency_rank) + 1, 5) as integer) as recency_score,
        cast(least(floor(5 * frequency_rank) + 1, 5) as integer) as frequency_score,
        cast(least(floor(5 * monetary_rank) + 1, 5) as integer) as monetary_score
    from ranked

),

coded as (

    select
        *,
        concat(recency_score, frequency_score, monetary_score) as rfm_code
    from scored

)

select * from coded
