from patronage.predictions import feature_names, fit_all


def model(dbt, session):
    rows = dbt.ref("int_descriptive_rows").df()
    return fit_all(rows, features=feature_names(rows))
