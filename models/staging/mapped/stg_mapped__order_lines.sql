{{ config(enabled=mapped_shops('order_lines') | length > 0) }}
with

mapped_rows as (

    {{ read_mapped_shops('order_lines') }}

)

select * from mapped_rows
