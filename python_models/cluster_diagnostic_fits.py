from patronage.fitting.cluster_diagnostics import diagnose_all


def model(dbt, session):
    customers = dbt.ref("int_fit_customers").df()
    return diagnose_all(
        customers,
        segmentations=dbt.config.meta_get("segmentations"),
        minimum_customers=dbt.config.meta_get("minimum_fit_customers"),
    )
