"""Write a list of customers to act on, as CSV: a segment, last month's changes or the queue."""

import os
import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from patronage.published import connect_published, first_line
from patronage.query import Answer, csv_lines, fetch

MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")

LIST_COLUMNS = (
    "segment",
    "contact_rank",
    "money_at_stake",
    "reason",
    "recommended_actions",
    "previous_segment",
    "moved_month",
    "recency_days",
    "frequency",
    "monetary",
    "last_contacted_on",
)
"""Columns of a list unless others are asked for; shop and customer come first in any case."""

HELD_OUT = (
    "cast(concat('0x', md5(concat($campaign, '/', shop, '/', customer_id))[:8]) as bigint)"
    " < $holdout_pct / 100 * 4294967296"
)
"""The same customers for the same campaign on any machine, and others for another campaign."""

CANDIDATES = """
with

listed as (

    select
        customers.*,
        coalesce(queue.reason, customers.segment_reason) as reason,
        queue.reason_code,
        queue.contact_rank,
        queue.leaving_probability,
        queue.leaving_basis,
        queue.revenue_ahead,
        queue.revenue_basis,
        queue.money_at_stake,
        queue.last_contacted_on,
        segmented.segmentation,
        segmented.segment as segment_of_list,
        segmented.confidence,
        meanings.recommended_actions,
        meanings.watchouts,
        changes.previous_segment,
        changes.month as moved_month,
        $campaign as campaign,
        coalesce({held_out}, false) as is_held_out,
        cast($sent_on as date) as sent_on
    from marts.customers as customers
    inner join marts.customer_segments as segmented
        using (shop, customer_id)
    left join marts.segments as meanings
        on
            segmented.shop = meanings.shop
            and segmented.segmentation = meanings.segmentation
            and segmented.segment = meanings.segment
    left join marts.contact_queue as queue
        using (shop, customer_id)
    left join (
        select *
        from marts.customer_segment_changes
        qualify
            row_number() over (partition by shop, segmentation, customer_id order by month desc) = 1
    ) as changes
        on
            segmented.shop = changes.shop
            and segmented.segmentation = changes.segmentation
            and segmented.customer_id = changes.customer_id
            and segmented.segment = changes.segment
    where
        customers.shop = $shop
        and segmented.segmentation = $segmentation
        and ($segment is null or segmented.segment = $segment)
        and ($changed_since is null or changes.month >= cast($changed_since as date))
        and ($is_queue = false or queue.contact_rank is not null)

)

select * exclude (segment, segment_of_list), segment_of_list as segment
from listed
order by money_at_stake desc nulls last, monetary desc, customer_id
"""


class ExportError(Exception):
    """Why there is no list, in one sentence."""


@dataclass(frozen=True)
class ListRequest:
    """Which customers a list is of.

    Attributes
    ----------
    shop
        Name of the shop.
    segment
        Name of the segment; None = any.
    segmentation
        Name of the segmentation; None = the primary one.
    changed_since
        Month (``YYYY-MM``) since which the customer has come to the segment; None = any time. With
        neither a segment nor a month, the list is the contact queue.
    campaign
        Name of the campaign that the list is for; None = no campaign.
    holdout_pct
        Share of the customers to leave out on purpose, in percent.
    sent_on
        Day of the campaign; None = today (UTC).
    columns
        Columns after shop and customer; empty = ``LIST_COLUMNS``.
    """

    shop: str
    segment: str | None = None
    segmentation: str | None = None
    changed_since: str | None = None
    campaign: str | None = None
    holdout_pct: float = 0
    sent_on: date | None = None
    columns: Sequence[str] = ()


def check_request(request: ListRequest) -> None:
    """Refuse what cannot be a list, before any file is opened.

    Raises
    ------
    ExportError
        A month, a share or a campaign is missing or wrong.
    """
    if request.changed_since is not None and not MONTH.fullmatch(request.changed_since):
        raise ExportError(
            f"--changed-since: found {request.changed_since}; accepted: a month written YYYY-MM"
        )
    if not 0 <= request.holdout_pct <= 90:
        raise ExportError(
            f"--holdout: found {request.holdout_pct:g}; accepted: 0 to 90, in percent"
        )
    if request.holdout_pct and not request.campaign:
        raise ExportError(
            "--holdout needs --campaign: who is held out follows from the campaign's name"
        )


def check_name(
    connection: duckdb.DuckDBPyConnection, option: str, column: str, table: str, name: str
) -> None:
    """Refuse a name that the published file does not have."""
    known = [
        text
        for (text,) in connection.execute(
            f"select distinct {column} from {table} where {column} is not null order by {column}"  # noqa: S608 - ours
        ).fetchall()
    ]
    if name not in known:
        raise ExportError(f"{option}: found {name}; accepted: {', '.join(known)}")


def choose_columns(request: ListRequest, known: Sequence[str]) -> list[str]:
    """Choose the columns of a list.

    Raises
    ------
    ExportError
        There is no column of that name.
    """
    asked = [*(request.columns or LIST_COLUMNS)]
    unknown = [column for column in asked if column not in known]
    if unknown:
        raise ExportError(f"--columns: found {unknown[0]}; accepted: {', '.join(sorted(known))}")
    campaign = ["campaign", "sent_on", "is_held_out"] if request.campaign else []
    first = ["shop", "customer_id"]
    return first + [column for column in asked if column not in first + campaign] + campaign


def list_customers(connection: duckdb.DuckDBPyConnection, request: ListRequest) -> Answer:
    """List the customers that a request asks for, most money at stake first.

    Parameters
    ----------
    connection
        To a published file, attached as ``published``.
    request
        Which customers, and what of them.

    Raises
    ------
    ExportError
        A shop, segmentation, segment or column is not there.
    """
    connection.execute("use published.marts")
    check_name(connection, "--shop", "shop", "marts.customers", request.shop)
    row = connection.execute(
        "select max(segmentation) from marts.customer_segments where is_primary"
    ).fetchone()
    segmentation = request.segmentation or (row[0] if row else None)
    if request.segmentation:
        check_name(
            connection,
            "--segmentation",
            "segmentation",
            "marts.customer_segments",
            request.segmentation,
        )
    if request.segment is not None:
        check_name(
            connection,
            "--segment",
            "segment",
            f"(from marts.segments where segmentation = '{segmentation}')",
            request.segment,
        )
    relation = connection.sql(
        CANDIDATES.format(held_out=HELD_OUT),
        params={
            "shop": request.shop,
            "segmentation": segmentation,
            "segment": request.segment,
            "changed_since": request.changed_since and f"{request.changed_since}-01",
            "is_queue": request.segment is None and request.changed_since is None,
            "campaign": request.campaign,
            "holdout_pct": request.holdout_pct,
            "sent_on": request.sent_on or datetime.now(UTC).date(),
        },
    )
    columns = choose_columns(request, relation.columns)
    chosen = relation.select(*columns)
    return Answer(columns, [False] * len(columns), fetch(chosen))


def export_list(published: Path, request: ListRequest, target: Path) -> str:
    """Write a list of customers to a new CSV file.

    Parameters
    ----------
    published
        A file that ``patronage publish`` has written.
    request
        Which customers, and what of them.
    target
        The file; it must not be there, because the list of a campaign that has been sent says who
        was held out.

    Returns
    -------
    What was written, in one sentence.

    Raises
    ------
    ExportError
        The request is wrong, or the file cannot be written.
    PublishError
        The published file cannot be read.
    """
    check_request(request)
    unfinished = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        if target.exists():
            raise ExportError(f"{target} is there already: name another file, or remove it")
        if not target.parent.is_dir():
            raise ExportError(f"there is no folder {target.parent}")
        with closing(connect_published(published)) as connection:
            answer = list_customers(connection, request)
            customers, held_out = -1, 0  # the first line is the header
            with unfinished.open("x", encoding="utf-8", newline="") as file:
                for line in csv_lines(answer):
                    customers += 1
                    file.write(f"{line}\n")
                    held_out += bool(request.campaign) and line.endswith(",true")
        unfinished.replace(target)
    except (OSError, duckdb.Error) as error:
        raise ExportError(f"{target} could not be written: {first_line(error)}") from error
    finally:
        unfinished.unlink(missing_ok=True)
    held = f", {held_out:,} of them held out" if request.holdout_pct else ""
    return f"Wrote {customers:,} customers to {target}{held}"
