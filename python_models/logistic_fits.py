from patronage.fitting.logistic import fit_all
from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    rows = dbt.ref("int_training_rows").df()
    features = [name for name in rows.columns if name.startswith("log_")]
    return run_in_worker(fit_all, rows, features=features)
