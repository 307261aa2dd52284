from clientele.fits import fit_all_centroids


def model(dbt, session):
    # by name, not by ref: the history comes after this model, and is not there in a new warehouse
    history = f'"{dbt.this.database}"."{dbt.this.schema}"."segment_fit_history"'
    found = session.sql(
        "select 1 from information_schema.tables where table_name = 'segment_fit_history'"
        f" and table_catalog = '{dbt.this.database}' and table_schema = '{dbt.this.schema}'"
    ).fetchall()
    return fit_all_centroids(
        dbt.ref("int_fit_customers").df(),
        segmentations=dbt.config.get("segmentations"),
        minimum_customers=dbt.config.get("minimum_fit_customers"),
        history=session.sql(f"select * from {history}").df() if found else None,
        score_with_fits=dbt.config.get("score_with_fits"),
    )
