from patronage.fitting.lifetime_tables import bootstrap_segments


def model(dbt, session):
    return bootstrap_segments(
        dbt.ref("int_segment_lifetimes").df(),
        dbt.ref("lifetime_parameters").df(),
        horizon_days=dbt.config.meta_get("lifetime_horizon_days"),
    )
