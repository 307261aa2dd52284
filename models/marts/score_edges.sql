with

score_edges as (

    select * from {{ ref('int_score_edges') }}

)

select * from score_edges
