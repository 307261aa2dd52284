from clientele.segmentation import fit_all_centroids


def model(dbt, session):
    customers = dbt.ref("int_fit_customers").df()
    return fit_all_centroids(
        customers,
        segmentations=dbt.config.meta_get("segmentations"),
        minimum_customers=dbt.config.meta_get("minimum_fit_customers"),
    )
