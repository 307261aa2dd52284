{{ config(enabled=mapped_shops('orders') | length > 0) }}
with

mapped_rows as (

    {{ read_mapped_shops('orders') }}

)

select * from mapped_rows
