from patronage.fitting.logistic import feature_names, fit_all
from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    rows = dbt.ref("int_descriptive_rows").df()
    return run_in_worker(fit_all, rows, features=feature_names(rows))
