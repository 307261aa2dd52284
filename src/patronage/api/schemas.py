"""What the API takes and gives."""

from datetime import date, datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType
from pydantic import BaseModel, ConfigDict, Field

from patronage.api.scoring import MAX_ROWS


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


Batch = Annotated[list[CustomerFigures], Meta(max_length=MAX_ROWS)]


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

    cluster: int | None = Field(examples=[3])
    input_data: dict[str, float | str] = Field(
        examples=[{"recency": 30, "frequency": 4, "monetary": 2500}]
    )


class Model(BaseModel):
    """Something fitted, or not for lack of data."""

    shop: str
    kind: str = Field(examples=["segmentation", "prediction"])
    name: str = Field(examples=["rfm_r"])
    is_published: bool


class Health(BaseModel):
    """The build that answers."""

    status: str = Field(examples=["ok"])
    build_id: str
    built_at: datetime = Field(description="Start of the build, UTC.")
    published_at: datetime = Field(description="UTC.")
    patronage_version: str
    format_version: int
    age_seconds: int = Field(description="Seconds since built_at.")
    default_shop: str | None
    default_segmentation: str | None
    models: list[Model]


class Pong(BaseModel):
    """The service can answer."""

    status: str = Field(examples=["ok"])


class Mart(BaseModel):
    """A row of a mart, whose other columns are described with the mart."""

    model_config = ConfigDict(extra="allow")

    shop: str = Field(examples=["online_retail"])


class Cluster(Mart):
    """A row of the mart segments, and the ids of the clusters that bear its name."""

    segmentation: str = Field(examples=["rfm_r"])
    segment: str = Field(examples=["VIP Whales"])
    clusters: list[int] = Field(examples=[[3]])
    customers: int
    revenue: float


class CustomerSegment(BaseModel):
    """A row of the mart customer_segments."""

    segmentation: str
    segment: str | None
    cluster_id: int | None
    confidence: float | None


class Customer(Mart):
    """A row of the mart customers, and the customer's segments."""

    customer_id: str
    segment: str | None
    recency_days: int
    frequency: int
    monetary: float
    return_rate_pct: float
    as_of_date: date
    segments: list[CustomerSegment]


class Flags(BaseModel):
    """Whether somebody should look at an order, and why."""

    shop: str
    order_id: str
    is_flagged: bool
    priority: int | None = Field(description="1 = most urgent, 3 = least.")
    reasons: list[str]
    customer_id: str | None
    segment: str | None
    order_amount: float | None
    ordered_at: str | None = Field(description="The shop's local time.")
