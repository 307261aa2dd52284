from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    return run_in_worker("logistic.fit_all", dbt.ref("int_descriptive_rows").df())
