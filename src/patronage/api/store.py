"""The published file: opened once, and opened anew when another one is in its place."""

from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from msgspec import UnsetType

from patronage.api.problems import Problem
from patronage.api.scoring import Score, Scorer
from patronage.published import PublishError, connect_published, first_line

Row = dict[str, Any]

MODELS = """
select shop, 'segmentation' as kind, segmentation as name,
    bool_or(segment <> 'Unsegmented') as is_published
from marts.segments group by all
union all
select shop, 'prediction', model, bool_or(is_published) from marts.model_scorecard group by all
order by all
"""

SUMMARY = """
with clusters as (
    select shop, segmentation, coalesce(segment, 'Unsegmented') as segment,
        list(distinct cluster_id order by cluster_id) filter (where cluster_id > 0) as clusters
    from marts.customer_segments group by all
)
select segments.*, coalesce(clusters.clusters, []) as clusters
from marts.segments left join clusters using (shop, segmentation, segment)
order by segments.shop, segments.segmentation, segments.revenue desc, segments.segment
"""


class Published:
    """One published build, open for reading until the last request that holds it is done.

    Parameters
    ----------
    path
        The published file.
    default_shop
        Shop of requests that name none; None = the one with the most customers.

    Raises
    ------
    PublishError
        The file is missing, is not of this version, or lacks what the API reads.
    """

    def __init__(self, path: Path, default_shop: str | None) -> None:
        self._connection = connect_published(path)
        # one thread is fastest for some thousand rows; requests run side by side
        self._connection.execute("set threads = 1")
        self._idle: deque[Scorer] = deque()
        try:
            self._read_content(default_shop)
        except duckdb.Error as error:
            raise PublishError(f"{path} is not a published file: {first_line(error)}") from error

    def _read_content(self, default_shop: str | None) -> None:
        self.build = self.rows("from marts.build")[0]
        self.models = self.rows(MODELS)
        shops = self.rows(
            "select shop from marts.customers group by shop order by count(*) desc, shop"
        )
        lines = self.rows("select distinct shop from marts.data_quality order by shop")
        self.shops = sorted({row["shop"] for row in shops + lines})
        names = self.rows("select distinct shop, segmentation from marts.segments")
        self.pairs = {(row["shop"], row["segmentation"]) for row in names}
        primary = self.rows("select distinct segmentation from marts.segments where is_primary")
        self.default_segmentation = primary[0]["segmentation"] if primary else None
        self.default_shop = default_shop or (shops[0]["shop"] if shops else None)
        for shop, segmentation in self.pairs:
            if (shop, segmentation) == (self.default_shop, self.default_segmentation):
                self.score(shop, segmentation, [[1.0]] * 4)  # the first request need not wait

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        cursor.execute("use published")
        return cursor

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run a query on the file, in which ``marts.…`` are its tables; a dict per row."""
        with self._cursor() as cursor:
            result = cursor.execute(sql, parameters)
            names = [column[0] for column in result.description or []]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def score(
        self, shop: str, segmentation: str, columns: Sequence[Sequence[float]]
    ) -> list[Score]:
        """Score customers, as ``Scorer.score`` does; from any thread."""
        try:
            scorer = self._idle.pop()
        except IndexError:
            scorer = Scorer(self._cursor())
        scores = scorer.score(shop, segmentation, columns)
        self._idle.append(scorer)
        return scores

    def pair(self, shop: str | UnsetType, segmentation: str | UnsetType) -> tuple[str, str]:
        """Put the defaults in.

        Raises
        ------
        Problem
            404: there is no such shop or segmentation.
        """
        pair = (str(shop or self.default_shop), str(segmentation or self.default_segmentation))
        if pair in self.pairs:
            return pair
        self.check_shop(pair[0])
        names = sorted(name for of_shop, name in self.pairs if of_shop == pair[0])
        listed = ", ".join(names) or "none"
        raise Problem(404, f"shop {pair[0]} has no segmentation {pair[1]}; it has: {listed}")

    def check_shop(self, shop: str) -> None:
        """Refuse a shop that is not in the file.

        Raises
        ------
        Problem
            404: there is no such shop.
        """
        if shop not in self.shops:
            raise Problem(404, f"there is no shop {shop}; there are: {', '.join(self.shops)}")

    @cached_property
    def summary(self) -> list[Row]:
        """The segments of all segmentations, each with the ids of its clusters."""
        return self.rows(SUMMARY)

    def health(self) -> Row:
        """Say which build this is, how old, and what it can answer."""
        times = {
            name: self.build[name].replace(tzinfo=UTC) for name in ("built_at", "published_at")
        }
        age = max(0, round((datetime.now(UTC) - times["built_at"]).total_seconds()))
        return {
            "status": "ok",
            **self.build,
            **times,
            "age_seconds": age,
            "default_shop": self.default_shop,
            "default_segmentation": self.default_segmentation,
            "models": self.models,
        }


class Store:
    """Where requests get the build that is published now.

    A build that is replaced goes on answering the requests that hold it, and is closed with the
    last of them. If what lies in its place cannot be read, it answers until something can.

    Parameters
    ----------
    path, default_shop
        As of ``Published``.
    """

    def __init__(self, path: Path, default_shop: str | None) -> None:
        self._path = path
        self._default_shop = default_shop
        self._seen: tuple[int, ...] | None = ()
        self._published: Published | None = None
        self.problem: str | None = None
        """Why the file that lies there now cannot be read; None = it is the one that answers."""

    def look(self) -> None:
        """Open what is published now, unless it is open already."""
        try:
            stat = self._path.stat()
            seen = (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)
        except OSError:
            seen = None
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._published = Published(self._path, self._default_shop)
            self.problem = None
        except PublishError as error:
            self.problem = str(error)

    def current(self) -> Published:
        """Give the build to answer from.

        Raises
        ------
        Problem
            503: no build could be opened yet.
        """
        self.look()
        if self._published is None:
            raise Problem(503, self.problem or "nothing is published")
        return self._published
