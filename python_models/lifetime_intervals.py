from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    return run_in_worker(
        "lifetime_tables.bootstrap_segments",
        dbt.ref("int_segment_lifetimes").df(),
        dbt.ref("lifetime_parameters").df(),
        horizon_days=dbt.config.meta_get("lifetime_horizon_days"),
    )
