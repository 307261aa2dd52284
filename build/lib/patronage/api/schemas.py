"""What the API takes and gives."""

from datetime import date, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from pydantic import BaseModel, ConfigDict, Field


def within(description: str, example: float, lowest: float, highest: float) -> Meta:
    """Describe a number within bounds."""
    return Meta(description=description, examples=[example], ge=lowest, le=highest)


Recency = Annotated[float, within("Days since the last purchase.", 30, 0, 1e6)]
Frequency = Annotated[float, within("Purchase orders.", 4, 0, 1e9)]
Monetary = Annotated[
    float, within("Net revenue in the shop's currency, returns included.", 2500, -1e15, 1e15)
]
ReturnRate = Annotated[
    float, within("100 x units returned / units purchased; 0 if left out.", 0, 0, 1e9)
]
Shop = Annotated[str, Meta(min_length=1, max_length=200, examples=["online_retail"])]
Segmentation = Annotated[str, Meta(min_length=1, max_length=200, examples=["rfm_r"])]


class CustomerFigures(Struct, forbid_unknown_fields=True, frozen=True, gc=False):
    """The figures of a customer, who need not exist."""

    recency: Recency
    frequency: Frequency
    monetary: Monetary
    return_rate_pct: ReturnRate | UnsetType = UNSET
    shop: Shop | UnsetType = UNSET
    segmentation: Segmentation | UnsetType = UNSET


class Segment(BaseModel):
    """The score of a customer."""

    cluster: int | None = Field(
        description="Cluster of the fit; 0 = outside it; null from rules, and without a fit.",
        examples=[3],
    )
    segment: str | None = Field(
        description="Name of the segment; null where the shop has too few customers for a fit.",
        examples=["VIP Whales"],
    )


class Invocation(BaseModel):
    """The score of a customer beside the figures it is of."""

    cluster: int | None = Field(
        description="Cluster of the fit; 0 = outside it; null from rules, and without a fit.",
        examples=[3],
    )
    input_data: dict[str, float | str] = Field(
        description="The figures as they were read, and what else was sent.",
        examples=[{"recency": 30, "frequency": 4, "monetary": 2500}],
    )


class Model(BaseModel):
    """Something fitted, or not for lack of data."""

    shop: str = Field(description="Name of the shop.", examples=["online_retail"])
    kind: str = Field(
        description="What it is: segmentation or prediction.",
        examples=["segmentation", "prediction"],
    )
    name: str = Field(description="Name of the segmentation or model.", examples=["rfm_r"])
    is_published: bool = Field(description="Whether it was fitted and is in use.")


class Health(BaseModel):
    """The build that answers; without a key where keys are asked for, state and age only."""

    status: str = Field(description="ok", examples=["ok"])
    age_seconds: int = Field(description="Seconds since built_at.")
    build_id: str | None = Field(None, description="Id of the build: dbt's invocation id.")
    built_at: datetime | None = Field(None, description="Start of the build, UTC.")
    published_at: datetime | None = Field(None, description="Time of publication, UTC.")
    patronage_version: str | None = Field(None, description="Version that published it.")
    format_version: int | None = Field(None, description="Version of the file's form.")
    default_shop: str | None = Field(None, description="Shop of requests that name none.")
    default_segmentation: str | None = Field(
        None, description="Segmentation of requests that name none."
    )
    models: list[Model] | None = Field(None, description="What was fitted.")


class Pong(BaseModel):
    """The service can answer."""

    status: str = Field(description="ok", examples=["ok"])


class Mart(BaseModel):
    """A row of a mart; the published file describes its other columns."""

    model_config = ConfigDict(extra="allow")

    shop: str = Field(description="Name of the shop.", examples=["online_retail"])


class Cluster(Mart):
    """A row of the mart segments, and the ids of the clusters that bear its name."""

    segmentation: str = Field(description="Name of the segmentation.", examples=["rfm_r"])
    segment: str = Field(description="Name of the segment.", examples=["VIP Whales"])
    clusters: list[int] = Field(
        description="Clusters of the fit that bear the name.", examples=[[3]]
    )
    customers: int = Field(description="Number of customers.")
    revenue: float = Field(description="Net revenue.")


class CustomerSegment(BaseModel):
    """A row of the mart customer_segments."""

    segmentation: str = Field(description="Name of the segmentation.")
    segment: str | None = Field(description="Name of the segment; null without a fit.")
    cluster_id: int | None = Field(description="Cluster of the fit; 0 = outside it.")
    confidence: float | None = Field(description="How clearly the customer belongs there.")


class Customer(Mart):
    """A row of the mart customers, and the customer's segments."""

    customer_id: str = Field(description="Id of the customer in the shop.")
    segment: str | None = Field(description="Segment in the primary segmentation.")
    recency_days: int = Field(description="Days since the last purchase.")
    frequency: int = Field(description="Purchase orders.")
    monetary: float = Field(description="Net revenue.")
    return_rate_pct: float = Field(description="100 x units returned / units purchased.")
    as_of_date: date = Field(description="Day that the figures are of.")
    segments: list[CustomerSegment] = Field(description="The segment in every segmentation.")


class Flags(BaseModel):
    """Whether somebody should look at an order, and why."""

    shop: str = Field(description="Name of the shop.")
    order_id: str = Field(description="Id of the order in the shop.")
    is_flagged: bool = Field(description="Whether the order is in the mart flagged_orders.")
    priority: int | None = Field(description="1 = most urgent, 3 = least.")
    reasons: list[str] = Field(description="Why it is flagged, in words.")
    customer_id: str | None = Field(description="Id of the customer; null for a guest.")
    segment: str | None = Field(description="Segment of the customer.")
    order_amount: float | None = Field(description="Net amount of the order.")
    ordered_at: str | None = Field(description="The shop's local time.")


MARTS = {
    "Cluster": "segments",
    "CustomerSegment": "customer_segments",
    "Customer": "customers",
    "Flags": "flagged_orders",
}
"""Answers, and the marts of which they give all columns."""
