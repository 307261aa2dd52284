"""Routes that read the marts, and ``GET /health``."""

from typing import Annotated

from fastapi import FastAPI, Path, Query, Response

from patronage.api.openapi import problems
from patronage.api.problems import Problem
from patronage.api.schemas import Cluster, Customer, Flags, Health
from patronage.api.service import Service, json_response
from patronage.api.store import Published, Row

SEGMENTS = """
select segmentation, segment, cluster_id, confidence from marts.customer_segments
where shop = ? and customer_id = ? order by segmentation
"""
ShopName = Annotated[str, Path(min_length=1, max_length=200, examples=["online_retail"])]
Id = Annotated[str, Path(max_length=200)]
Filter = Annotated[str | None, Query(min_length=1, max_length=200)]


def customer_of(published: Published, shop: str, customer_id: str) -> Row:
    """Read a customer and their segments.

    Raises
    ------
    Problem
        404: there is no such shop or customer.
    """
    published.check_shop(shop)
    key = [shop, customer_id]
    found = published.rows("from marts.customers where shop = ? and customer_id = ?", key)
    if not found:
        raise Problem(404, f"there is no customer {customer_id} in shop {shop}")
    return {**found[0], "segments": published.rows(SEGMENTS, key)}


def flags_of(published: Published, shop: str, order_id: str) -> Row:
    """Read the flags of an order; an order that is not flagged has none.

    Raises
    ------
    Problem
        404: there is no such shop.
    """
    published.check_shop(shop)
    found = published.rows(
        "from marts.flagged_orders where shop = ? and order_id = ?", [shop, order_id]
    )
    empty = dict.fromkeys(("customer_id", "segment", "priority", "order_amount", "ordered_at"))
    row = found[0] if found else {"shop": shop, "order_id": order_id, **empty, "reasons": None}
    reasons = row["reasons"].split("; ") if row["reasons"] else []
    return {**row, "is_flagged": bool(found), "reasons": reasons}


def summary_of(published: Published, shop: str | None, segmentation: str | None) -> list[Row]:
    """Read the segments of a shop, of a segmentation, or all.

    Raises
    ------
    Problem
        404: there is no such shop or segmentation.
    """
    if shop is not None:
        published.check_shop(shop)
    names = sorted({name for _, name in published.pairs})
    if segmentation is not None and segmentation not in names:
        raise Problem(
            404, f"there is no segmentation {segmentation}; there are: {', '.join(names)}"
        )
    return [
        row
        for row in published.summary
        if shop in (None, row["shop"]) and segmentation in (None, row["segmentation"])
    ]


def add_mart_routes(app: FastAPI, service: Service) -> None:
    """Add the routes."""

    @app.get("/health", response_model=Health, responses=problems(503))
    async def health() -> Response:
        """Say which build answers, how old it is, and what it can answer."""
        published = service.store.current()
        if service.store.problem:
            built = published.build["build_id"]
            raise Problem(503, f"{service.store.problem}; build {built} still answers")
        return json_response(published.health())

    @app.get("/clusters/summary", response_model=list[Cluster], responses=problems(404, 422, 503))
    async def clusters_summary(shop: Filter = None, segmentation: Filter = None) -> Response:
        """Describe the segments: the mart segments, and the clusters that bear each name."""
        published = service.store.current()
        return json_response(await service.run(lambda: summary_of(published, shop, segmentation)))

    @app.get(
        "/customers/{shop}/{customer_id:path}",
        response_model=Customer,
        responses=problems(404, 422, 503),
    )
    async def customer(shop: ShopName, customer_id: Id) -> Response:
        """Give a row of the mart customers, and the customer's segments."""
        published = service.store.current()
        return json_response(await service.run(lambda: customer_of(published, shop, customer_id)))

    @app.get(
        "/orders/{shop}/{order_id:path}/flags",
        response_model=Flags,
        responses=problems(404, 422, 503),
    )
    async def order_flags(shop: ShopName, order_id: Id) -> Response:
        """Say whether somebody should look at an order, and why.

        Orders that are not flagged are not in the published file: an unknown order is answered
        like one that is not flagged.
        """
        published = service.store.current()
        return json_response(await service.run(lambda: flags_of(published, shop, order_id)))
