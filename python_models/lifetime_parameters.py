from patronage.lifetime_tables import fit_lifetimes


def model(dbt, session):
    return fit_lifetimes(
        dbt.ref("int_customer_purchase_summaries").df(),
        minimum_customers=dbt.config.meta_get("minimum_fit_customers"),
    )
