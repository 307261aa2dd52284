-- A row of the campaigns that lacks something, or is of a shop without data, is in no result: said
-- in a warning, because the figures of the shops are right without it.
{{ config(severity='warn') }}

with

campaigns as (

    select * from {{ ref('stg_campaigns') }}

),

as_of_dates as (

    select * from {{ ref('int_as_of_dates') }}

)

select
    campaigns.shop,
    campaigns.campaign,
    campaigns.customer_id,
    campaigns.sent_on
from campaigns
left join as_of_dates
    on campaigns.shop = as_of_dates.shop
where
    as_of_dates.shop is null
    or campaigns.campaign is null
    or campaigns.customer_id is null
    or campaigns.sent_on is null
    or campaigns.is_held_out is null
