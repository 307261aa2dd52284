from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    return run_in_worker(
        "lifetime_tables.fit_lifetimes",
        dbt.ref("int_customer_purchase_summaries").filter("is_in_sample").df(),
        minimum_customers=dbt.config.meta_get("minimum_fit_customers"),
    )
