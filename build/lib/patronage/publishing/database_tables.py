"""The marts as tables of a database: their types, keys and indexes, and the view over them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import duckdb
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Double,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Select,
    Table,
    Text,
    and_,
    func,
    select,
)
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.types import TypeEngine

from patronage.published import PublishError

NEW, OLD = "__new", "__old"
"""Endings of the tables that are being loaded, and of those that make way for them."""

VIEW = "customer_segments_readable"

COMMENT = "Written by patronage publish, which replaces it"
"""Comment of every table; a table without it is somebody else's and is never replaced."""

KEY_LENGTH = 191
"""Characters of a text in a key or an index of MySQL: five such texts fit in its 3,072 bytes."""

OTHER_KEYS = {
    "build": ("build_id",),
    "extracts": ("raw_table",),
    "mart_keys": ("mart", "place"),
}
"""Keys of the two tables that are no marts."""

INDEXES = {
    "customers": (("shop", "segment"), ("shop", "country")),
    "customer_segment_changes": (("shop", "segmentation", "month"), ("shop", "customer_id")),
    "customer_segments": (("shop", "segmentation", "segment"), ("shop", "customer_id")),
    "flagged_orders": (("shop", "customer_id"), ("shop", "segment")),
    "segment_revenue": (("shop", "month"),),
    "segment_revenue_then": (("shop", "month"),),
}
"""What people filter by, besides the keys."""


@dataclass(frozen=True)
class Mart:
    """A published table: its columns with their DuckDB types, and the columns of its key."""

    name: str
    columns: dict[str, str]
    key: tuple[str, ...]

    @property
    def indexes(self) -> tuple[tuple[str, ...], ...]:
        """The columns of each of its indexes."""
        return INDEXES.get(self.name, ())

    @property
    def indexed_texts(self) -> list[str]:
        """The columns of text that are in the key or in an index."""
        indexed = {column for columns in (self.key, *self.indexes) for column in columns}
        return [
            column
            for column, type_name in self.columns.items()
            if type_name == "VARCHAR" and column in indexed
        ]


def read_marts(connection: duckdb.DuckDBPyConnection) -> list[Mart]:
    """List the tables of a published file.

    Parameters
    ----------
    connection
        To the file, attached as ``published``.

    Returns
    -------
    The marts, ``build``, ``extracts`` and ``mart_keys``, by name.
    """
    columns: dict[str, dict[str, str]] = {}
    for table, column, duckdb_type in connection.execute(
        "from duckdb_columns() select table_name, column_name, data_type"
        " where database_name = 'published' and schema_name = 'marts'"
        " order by table_name, column_index"
    ).fetchall():
        columns.setdefault(table, {})[column] = duckdb_type
    keys = dict(OTHER_KEYS)
    for table, column in connection.execute(
        "from published.marts.mart_keys select mart, column_name order by mart, place"
    ).fetchall():
        keys[table] = (*keys.get(table, ()), column)
    return [Mart(table, columns[table], keys.get(table, ())) for table in columns]


def refuse_long_keys(connection: duckdb.DuckDBPyConnection, marts: Iterable[Mart]) -> None:
    """Refuse texts that are too long for a key of MySQL, before anything is written.

    Raises
    ------
    PublishError
        A value of an indexed column has more than ``KEY_LENGTH`` characters.
    """
    for mart in marts:
        for column in mart.indexed_texts:
            row = connection.execute(
                f'from published.marts."{mart.name}" select max(length("{column}"))'
            ).fetchone()
            if row is not None and (row[0] or 0) > KEY_LENGTH:
                raise PublishError(
                    f"{mart.name}.{column} has a value of {row[0]} characters; keys and indexes of"
                    f" MySQL hold {KEY_LENGTH}, so nothing was written"
                )


def exact_collation(dialect: Dialect) -> str:
    """Name the collation of a MySQL or MariaDB server in which only equal texts are equal.

    ``utf8mb4_bin`` is not it: there, a text equals the same text with spaces at its end.
    """
    return "utf8mb4_nopad_bin" if getattr(dialect, "is_mariadb", False) else "utf8mb4_0900_bin"


def column_type(duckdb_type: str, is_indexed: bool, dialect: Dialect) -> TypeEngine[Any]:
    """Find the type that holds every value of a DuckDB type, unchanged.

    Parameters
    ----------
    duckdb_type
        As ``describe`` names it.
    is_indexed
        Whether the column is in a key or an index: MySQL indexes no TEXT.
    dialect
        Of the database.

    Raises
    ------
    PublishError
        There is no such type here.
    """
    is_mysql = dialect.name != "postgresql"
    types: dict[str, TypeEngine[Any]] = {
        "BIGINT": BigInteger(),
        "BOOLEAN": Boolean(),
        "DATE": Date(),
        "DOUBLE": Double(),
        "HUGEINT": Numeric(38, 0),
        "INTEGER": Integer(),
        "TIMESTAMP": mysql.DATETIME(fsp=6) if is_mysql else postgresql.TIMESTAMP(precision=6),
        "VARCHAR": Text(),
    }
    if is_mysql and duckdb_type == "VARCHAR":
        collation = exact_collation(dialect)
        if is_indexed:
            return mysql.VARCHAR(KEY_LENGTH, charset="utf8mb4", collation=collation)
        return mysql.TEXT(charset="utf8mb4", collation=collation)
    if duckdb_type.startswith("DECIMAL("):
        precision, scale = duckdb_type[len("DECIMAL(") : -1].split(",")
        return Numeric(int(precision), int(scale))
    if duckdb_type not in types:
        raise PublishError(f"there is no type for {duckdb_type} in a database: cast the column")
    return types[duckdb_type]


def define_table(mart: Mart, dialect: Dialect, schema: str | None, suffix: str = "") -> Table:
    """Define a mart as a table of a database.

    Parameters
    ----------
    mart
        The mart.
    dialect
        Of the database.
    schema
        Where the table stands; None = in the database of the connection.
    suffix
        Ending of the table's name, and of the names of its key and indexes where a schema holds
        each of these once (PostgreSQL).
    """
    ending = suffix if dialect.name == "postgresql" else ""
    columns = [
        Column(
            name,
            column_type(duckdb_type, name in mart.indexed_texts, dialect),
            nullable=name not in mart.key,
            autoincrement=False,
        )
        for name, duckdb_type in mart.columns.items()
    ]
    indexes = [
        Index("_".join((mart.name, *names, "idx")) + ending, *names) for names in mart.indexes
    ]
    key = [PrimaryKeyConstraint(*mart.key, name=f"{mart.name}_pkey{ending}")] if mart.key else []
    return Table(
        mart.name + suffix,
        MetaData(schema=schema),
        *columns,
        *key,
        *indexes,
        comment=COMMENT,
        mysql_engine="InnoDB",
        mysql_charset="utf8mb4",
        mariadb_engine="InnoDB",
        mariadb_charset="utf8mb4",
    )


def define_view(customers: Table, segments: Table) -> Select[Any]:
    """Define the view: each customer in words, with what to do about the segment."""
    segment = func.coalesce(customers.c.segment, "Unsegmented")
    return select(
        customers.c.shop,
        customers.c.customer_id,
        customers.c.country,
        segment.label("segment"),
        customers.c.rule_segment,
        customers.c.recency_days.label("days_since_last_purchase"),
        customers.c.frequency.label("number_of_orders"),
        customers.c.monetary.label("net_revenue"),
        customers.c.average_order_value,
        customers.c.return_rate_pct.label("return_rate_percent"),
        segments.c.recommended_actions,
    ).select_from(
        customers.outerjoin(
            segments,
            and_(
                segments.c.is_primary,
                segments.c.shop == customers.c.shop,
                segments.c.segment == segment,
            ),
        )
    )
