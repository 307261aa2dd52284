from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    return run_in_worker(
        "lifetime_tables.expect_lifetimes",
        dbt.ref("int_lifetime_groups").df(),
        dbt.ref("lifetime_parameters").df(),
        horizon_days=dbt.config.meta_get("lifetime_horizon_days"),
        past_horizon_days=dbt.config.meta_get("prediction_horizon_days"),
    )
