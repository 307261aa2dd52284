from clientele.diagnostics import diagnose_all


def model(dbt, session):
    customers = dbt.ref("int_fit_customers").df()
    return diagnose_all(
        customers,
        segmentations=dbt.config.get("segmentations"),
        minimum_customers=dbt.config.get("minimum_fit_customers"),
    )
