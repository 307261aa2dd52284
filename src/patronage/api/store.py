"""The published file: a copy is opened, and another one when another file is in its place."""

import logging
import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile
from threading import Event, Thread
from typing import Any, BinaryIO

import duckdb
from msgspec import UnsetType

from patronage.api.problems import Problem
from patronage.api.scoring import Score, Scorer
from patronage.published import PublishError, connect_published, copy_published, first_line

Row = dict[str, Any]
LOGGER = logging.getLogger("patronage.api")
SECONDS_BETWEEN_LOOKS = 0.25
SECONDS_OF_RETRIES = 5
"""How long a file that cannot be read is tried again although it has not changed."""

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


COLUMNS = """
select table_name, column_name, data_type, is_nullable, comment from duckdb_columns()
where database_name = 'published' and schema_name = 'marts'
order by table_name, column_index
"""

MOST_PREPARED = 100
"""Fits whose statement is prepared before a build answers; it takes 20 ms each."""


class UnknownDefaultError(PublishError):
    """A published file does not hold what requests are to be answered from by default."""


@contextmanager
def private_copy(published: Path) -> Iterator[Path]:
    """Copy a published file to a file of our own, which whoever writes the original cannot touch.

    The copy loses its name with the context; its bytes stay as long as somebody has it open. On
    Linux it never has a name in a folder, so that nothing is left of it whatever happens.

    Parameters
    ----------
    published
        The published file.

    Yields
    ------
    The path to open the copy by.

    Raises
    ------
    PublishError
        As of ``copy_published``.
    """
    try:
        with ExitStack() as stack:
            if sys.platform == "linux":
                file: BinaryIO = stack.enter_context(TemporaryFile(prefix="patronage-"))
                path = Path(f"/proc/self/fd/{file.fileno()}")
            else:
                folder = TemporaryDirectory(prefix="patronage-", ignore_cleanup_errors=True)
                path = Path(stack.enter_context(folder), "published.duckdb")
                file = stack.enter_context(path.open("wb"))
            copy_published(published, file)
            yield path
    except OSError as error:
        raise PublishError(
            f"no file can be made in the temporary folder (TMPDIR): {error.strerror or error}"
        ) from error


class Published:
    """One published build, open for reading until the last request that holds it is done.

    Parameters
    ----------
    path
        The published file.
    default_shop
        Shop of requests that name none; None = the one with the most customers.
    default_segmentation
        Segmentation of requests that name none; None = the primary one.

    Raises
    ------
    PublishError
        The file is missing, is not of this version, or lacks what the API reads.
    """

    def __init__(
        self, path: Path, default_shop: str | None = None, default_segmentation: str | None = None
    ) -> None:
        with private_copy(path) as copy:
            try:
                self._connection = connect_published(copy)
            except PublishError as error:
                raise PublishError(str(error).replace(str(copy), str(path))) from error
        # one thread is fastest for some thousand rows; requests run side by side
        self._connection.execute("set threads = 1")
        self._idle: deque[Scorer] = deque()
        try:
            self._read_content(path, default_shop, default_segmentation)
        except duckdb.Error as error:
            raise PublishError(f"{path} is not a published file: {first_line(error)}") from error

    def _read_content(
        self, path: Path, default_shop: str | None, default_segmentation: str | None
    ) -> None:
        self.build = self.rows("from marts.build")[0]
        self.models = self.rows(MODELS)
        self.columns = self.rows(COLUMNS)
        shops = self.rows(
            "select shop from marts.customers group by shop order by count(*) desc, shop"
        )
        lines = self.rows("select distinct shop from marts.data_quality order by shop")
        self.shops = sorted({row["shop"] for row in shops + lines})
        names = self.rows("select distinct shop, segmentation from marts.segments")
        self.pairs = {(row["shop"], row["segmentation"]) for row in names}
        primary = self.rows("select distinct segmentation from marts.segments where is_primary")
        self.default_shop = default_shop or (shops[0]["shop"] if shops else None)
        self.default_segmentation = default_segmentation or (
            primary[0]["segmentation"] if primary else None
        )
        if default_shop is not None and default_shop not in self.shops:
            raise UnknownDefaultError(
                f"PATRONAGE_DEFAULT_SHOP is {default_shop}, which {path} does not hold; it holds:"
                f" {', '.join(self.shops) or 'none'}"
            )
        held = sorted(name for shop, name in self.pairs if shop == self.default_shop)
        if default_segmentation is not None and default_segmentation not in held:
            raise UnknownDefaultError(
                f"PATRONAGE_DEFAULT_SEGMENTATION is {default_segmentation}, which shop"
                f" {self.default_shop} of {path} does not have; it has: {', '.join(held) or 'none'}"
            )
        self.etag = f'"{self.build["build_id"]}"'
        self._pulse = self._cursor()
        self._at_once = Scorer(self._cursor())
        default = (str(self.default_shop), str(self.default_segmentation))
        for pair in sorted(self.pairs, key=lambda pair: (pair != default, pair))[:MOST_PREPARED]:
            self._at_once.score(*pair, [[1.0]] * 4)  # the first request need not wait
        if default in self.pairs:
            for _ in range(os.cpu_count() or 1):
                scorer = Scorer(self._cursor())
                scorer.score(*default, [[1.0]] * 4)
                self._idle.append(scorer)

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        cursor.execute("use published")
        return cursor

    def beat(self) -> None:
        """Read from the file, as a proof that it can be read; on the event loop only.

        Raises
        ------
        Problem
            503: it cannot.
        """
        try:
            self._pulse.execute("select 1 from marts.build").fetchone()
        except duckdb.Error as error:
            raise Problem(503, "the build that is open cannot be read") from error

    def score_at_once(
        self, shop: str, segmentation: str, columns: Sequence[Sequence[float]]
    ) -> list[Score]:
        """Score some customers on the event loop; the statements are prepared."""
        return self._at_once.score(shop, segmentation, columns)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run a query on the file, in which ``marts.…`` are its tables; a dict per row."""
        with self._cursor() as cursor:
            result = cursor.execute(sql, parameters)
            names = [column[0] for column in result.description or []]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def score(
        self, shop: str, segmentation: str, columns: Sequence[Sequence[float]]
    ) -> list[Score]:
        """Score customers, as ``Scorer.score`` does; from any other thread."""
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

    A thread looks at the published file, and opens the build that has come into its place. Until it
    is ready, the one before answers; it goes on answering the requests that hold it, and is closed
    with the last of them. If what lies in its place cannot be read, it answers until something can.

    Parameters
    ----------
    path
        The published file, or a symbolic link to it.
    default_shop, default_segmentation
        As of ``Published``.
    """

    def __init__(
        self, path: Path, default_shop: str | None = None, default_segmentation: str | None = None
    ) -> None:
        self._path = path
        self._defaults = default_shop, default_segmentation
        self._seen: tuple[int, ...] | None = ()
        self.published: Published | None = None
        self._problem = ""
        self._looks: list[Callable[[], None]] = [self.look]
        self._is_over = Event()
        self._thread = Thread(target=self._watch, name="patronage-store", daemon=True)
        self.is_current = False
        """Whether the build that answers is the one that lies there now."""

    def start(self) -> None:
        """Open what is published, and watch it."""
        self.look()
        self._thread.start()

    def watch_too(self, look: Callable[[], None]) -> None:
        """Look at another file as often."""
        self._looks.append(look)

    def close(self) -> None:
        """End the watch."""
        self._is_over.set()

    def _watch(self) -> None:
        while not self._is_over.wait(SECONDS_BETWEEN_LOOKS):
            for look in self._looks:
                try:
                    look()
                except Exception:  # the watch must go on
                    LOGGER.exception("a file could not be looked at")

    def look(self) -> None:
        """Open what is published now, unless it is open already."""
        seen: tuple[int, ...] | None
        try:
            stat = self._path.stat()
            seen = (stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size)
            is_fresh = abs(time.time() - stat.st_mtime) < SECONDS_OF_RETRIES
        except OSError:
            seen, is_fresh = None, False
        if seen == self._seen:
            return
        try:
            self.published = Published(self._path, *self._defaults)
            self.is_current = True
            self._problem = ""
        except PublishError as error:
            self.is_current = False
            if str(error) != self._problem:
                LOGGER.error("%s", error)
            self._problem = str(error)
            if is_fresh:  # somebody may be writing it, faster than its time can tell
                seen = ()
        self._seen = seen

    def current(self) -> Published:
        """Give the build to answer from.

        Raises
        ------
        Problem
            503: no build could be opened yet.
        """
        if self.published is None:
            raise Problem(503, "there is no published file to answer from; the log says why")
        return self.published
