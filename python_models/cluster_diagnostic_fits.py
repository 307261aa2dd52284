from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    customers = dbt.ref("int_fit_customers").df()
    return run_in_worker(
        "cluster_diagnostics.diagnose_all",
        customers,
        segmentations=dbt.config.meta_get("segmentations"),
        minimum_customers=dbt.config.meta_get("minimum_fit_customers"),
    )
