-- what patronage says customers have spent is what the ERP has sold them
select
    ours.amount,
    theirs.amount as amount_of_patronage
from (select sum(amount) as amount from {{ ref('customers') }}) as ours
cross join (
    select sum(monetary) as amount from {{ ref('patronage', 'customers') }}
) as theirs
where ours.amount <> theirs.amount
