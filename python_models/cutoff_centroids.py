from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    customers = dbt.ref("int_cutoff_customers").filter("is_in_fit")
    features = ["recency_days", "frequency", "monetary", "return_rate_pct"]
    casts = ", ".join(f"cast({feature} as double) as {feature}" for feature in features)
    return run_in_worker(
        "cutoff_fits.fit_cutoffs",
        customers.project(f"shop, periods_ago, customer_id, {casts}").df(),
        dbt.ref("segment_centroids").df(),
        minimum_customers=dbt.config.meta_get("minimum_fit_customers"),
    )
