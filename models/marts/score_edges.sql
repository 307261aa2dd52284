with

score_edges as (

    select
        shop,
        measure,
        score,
        customers,
        lowest_value,
        highest_value
    from {{ ref('int_score_edges') }}

)

select * from score_edges
