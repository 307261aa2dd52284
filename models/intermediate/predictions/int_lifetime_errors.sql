with

outcomes as (

    select * from {{ ref('int_lifetime_outcomes') }}

),

-- how many times too high or too low; one is added, because nothing may come
compared as (

    {% for figure in ['purchase_days', 'revenue'] %}
    select
        shop,
        '{{ figure }}' as figure,
        abs(
            ln(
                (1 + greatest(cast(actual_{{ figure }} as double), 0))
                / (1 + cast(predicted_{{ figure }} as double))
            )
        ) as log_error
    from outcomes
    where predicted_{{ figure }} is not null
    {{- '\n    union all' if not loop.last }}
    {% endfor %}

),

numbered as (

    select
        shop,
        figure,
        log_error,
        row_number() over (partition by shop, figure order by log_error) as error_rank,
        count(*) over (partition by shop, figure) as outcomes
    from compared

),

-- the smallest error that 95 % of the outcomes stay within
chosen as (

    select
        shop,
        figure,
        cast(min(log_error) as decimal(18, 9)) as log_error,
        max(outcomes) as outcomes
    from numbered
    where 100 * error_rank >= 95 * outcomes
    group by shop, figure

)

select * from chosen
