{{ config(enabled=mapped_shops('customers') | length > 0) }}
with

mapped_rows as (

    {{ read_mapped_shops('customers') }}

)

select * from mapped_rows
