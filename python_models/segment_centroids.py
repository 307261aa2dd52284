from patronage.engines import read_if_there
from patronage.fitting.workers import run_in_worker


def model(dbt, session):
    return run_in_worker(
        "segment_fits.fit_all_centroids",
        dbt.ref("int_fit_customers").df(),
        segmentations=dbt.config.meta_get("segmentations"),
        minimum_customers=dbt.config.meta_get("minimum_fit_customers"),
        # by name, not by ref: the history comes after this model, and is not there in a new
        # warehouse
        history=read_if_there(dbt, session, "segment_fit_history"),
        score_with_fits=dbt.config.meta_get("score_with_fits"),
    )
