"""Routes that read the marts, ``GET /health`` and ``GET /ping``."""

from typing import Annotated

from fastapi import FastAPI, Path, Query, Request, Response

from patronage.api.bodies import JSON
from patronage.api.openapi import NOT_MODIFIED, problems
from patronage.api.problems import Problem
from patronage.api.schemas import Cluster, Customer, Flags, Health, Pong
from patronage.api.service import Service, json_bytes, json_response
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

    @app.get(
        "/ping",
        tags=["Service"],
        operation_id="ping",
        summary="Say whether the service can answer",
        response_model=Pong,
        responses=problems(422, 503),
    )
    async def ping() -> Response:
        """Read from the build that is open: 200 means that it can be read."""
        service.store.current().beat()
        return json_response({"status": "ok"})

    @app.get(
        "/health",
        tags=["Service"],
        operation_id="get_health",
        summary="Say which build answers, and how old it is",
        response_model=Health,
        responses=problems(422, 503),
    )
    async def health(request: Request) -> Response:
        """Say which build answers, how old it is, and what it can answer.

        Where keys are asked for, a request without one is told the state and the age only.
        """
        published = service.store.current()
        if not service.store.is_current:
            raise Problem(
                503, "what was published last cannot be read, and the build before it still answers"
            )
        found = published.health()
        if service.settings.asks_for_keys and request.state.key is None:
            found = {name: found[name] for name in ("status", "age_seconds")}
        return json_response(found)

    @app.get(
        "/clusters/summary",
        tags=["Segments"],
        operation_id="list_segments",
        summary="Describe the segments",
        response_model=list[Cluster],
        responses=NOT_MODIFIED | problems(404, 422, 503),
    )
    async def clusters_summary(
        request: Request, shop: Filter = None, segmentation: Filter = None
    ) -> Response:
        """Give the rows of the mart segments, and the clusters that bear each name.

        Without a shop or a segmentation, those of all are given.
        """
        published = service.store.current()
        rows = await service.read(lambda: json_bytes(summary_of(published, shop, segmentation)))
        return service.respond(request, published, rows, JSON)

    @app.get(
        "/customers/{shop}/{customer_id:path}",
        tags=["Customers"],
        operation_id="get_customer",
        summary="Give what is known of a customer",
        response_model=Customer,
        responses=NOT_MODIFIED | problems(404, 422, 503),
    )
    async def customer(request: Request, shop: ShopName, customer_id: Id) -> Response:
        """Give a row of the mart customers, and the customer's segments."""
        published = service.store.current()
        row = await service.read(lambda: json_bytes(customer_of(published, shop, customer_id)))
        return service.respond(request, published, row, JSON)

    @app.get(
        "/orders/{shop}/{order_id:path}/flags",
        tags=["Orders"],
        operation_id="get_order_flags",
        summary="Say whether somebody should look at an order, and why",
        response_model=Flags,
        responses=NOT_MODIFIED | problems(404, 422, 503),
    )
    async def order_flags(request: Request, shop: ShopName, order_id: Id) -> Response:
        """Give a row of the mart flagged_orders.

        Orders that are not flagged are not in the published file: an unknown order is answered
        like one that is not flagged.
        """
        published = service.store.current()
        row = await service.read(lambda: json_bytes(flags_of(published, shop, order_id)))
        return service.respond(request, published, row, JSON)
