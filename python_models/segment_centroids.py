from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    # by name, not by ref: the history comes after this model, and is not there in a new warehouse
    database, schema, history = dbt.this.database, dbt.this.schema, "segment_fit_history"
    found = session.sql(
        "select 1 from information_schema.tables"
        " where table_catalog = ? and table_schema = ? and table_name = ?",
        params=[database, schema, history],
    ).fetchall()
    return run_in_worker(
        "segment_fits.fit_all_centroids",
        dbt.ref("int_fit_customers").df(),
        segmentations=dbt.config.meta_get("segmentations"),
        minimum_customers=dbt.config.meta_get("minimum_fit_customers"),
        history=session.table(f'"{database}"."{schema}"."{history}"').df() if found else None,
        score_with_fits=dbt.config.meta_get("score_with_fits"),
    )
