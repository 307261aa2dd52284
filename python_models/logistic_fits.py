from patronage.fitting.logistic import fit_all


def model(dbt, session):
    rows = dbt.ref("int_training_rows").df()
    return fit_all(rows, features=[name for name in rows.columns if name.startswith("log_")])
