"""Change the columns of tables in PostgreSQL where those of a build are others."""

from dataclasses import dataclass

from sqlalchemy import Connection, Table, delete, inspect, text

from patronage.published import PublishError
from patronage.publishing.database_tables import NEW, VIEW
from patronage.publishing.databases import Found, quoted

HANGING = r"""
select
    regexp_replace(
        pg_describe_object(hanging.classid, hanging.objid, hanging.objsubid),
        '^rule _RETURN on ', ''
    ),
    attname
from pg_depend as hanging
inner join pg_class as tables on hanging.refobjid = tables.oid
inner join pg_namespace as schemas on tables.relnamespace = schemas.oid
inner join pg_attribute on tables.oid = attrelid and hanging.refobjsubid = attnum
left join pg_class as indexes
    on hanging.classid = 'pg_class'::regclass and hanging.objid = indexes.oid
left join pg_constraint as constraints
    on hanging.classid = 'pg_constraint'::regclass and hanging.objid = constraints.oid
left join pg_rewrite as rules
    on hanging.classid = 'pg_rewrite'::regclass and hanging.objid = rules.oid
left join pg_class as views on rules.ev_class = views.oid
where hanging.refclassid = 'pg_class'::regclass
and hanging.deptype in ('a', 'n')
and schemas.nspname = :schema
and tables.relname = :table
and attname = any(:columns)
and coalesce(indexes.relname, '') <> all(:indexes)
and coalesce(constraints.contype, '') not in ('n', 'p')
and not (
    coalesce(views.relname, '') = :view
    and views.relnamespace = schemas.oid
    and attname = any(:gone)
)
order by 1
limit 1
"""
"""What hangs on some columns of a table, but for what is ours: the key, the indexes, and the view
on columns that go, which is replaced before they do."""


@dataclass(frozen=True)
class Change:
    """How the columns of a table differ from those of the build.

    Attributes
    ----------
    table
        The table.
    types
        The types of the build's columns.
    added, retyped, gone
        Columns that come, that get another type, and that go.
    is_rekeyed
        Whether the key changes.
    former_key, former_key_name
        The columns of the key that is there, and its name.
    """

    table: Table
    types: dict[str, str]
    added: list[str]
    retyped: list[str]
    gone: list[str]
    is_rekeyed: bool
    former_key: list[str]
    former_key_name: str | None

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.retyped or self.gone or self.is_rekeyed)


def read_types(connection: Connection, schema: str) -> dict[str, dict[str, str]]:
    """Read the types of the columns of all tables of a schema, and of the temporary ones."""
    types: dict[str, dict[str, str]] = {}
    for name, column, column_type in connection.execute(
        text(
            "select relname, attname, format_type(atttypid, atttypmod) from pg_attribute"
            " inner join pg_class on attrelid = pg_class.oid"
            " inner join pg_namespace on relnamespace = pg_namespace.oid"
            " where attnum > 0 and not attisdropped and relkind in ('r', 'p')"
            " and (nspname = :schema or pg_namespace.oid = pg_my_temp_schema())"
            " order by relname, attnum"
        ),
        {"schema": schema},
    ):
        types.setdefault(str(name), {})[str(column)] = str(column_type)
    return types


def refuse_what_hangs(connection: Connection, change: Change) -> None:
    """Refuse to change columns that something of a user's depends on.

    Raises
    ------
    PublishError
        The sentence names one such thing.
    """
    changing = {*change.retyped, *change.gone, *(change.former_key if change.is_rekeyed else ())}
    parameters = {
        "schema": change.table.schema,
        "table": change.table.name,
        "columns": sorted(changing),
        "gone": change.gone,
        "indexes": [str(index.name) for index in change.table.indexes],
        "view": VIEW,
    }
    for hanging, column in connection.execute(text(HANGING), parameters):
        raise PublishError(
            f"{change.table.name}.{column} goes or changes, and something depends on it: drop"
            f" {hanging}, publish, and make it again"
        )


def find_changes(
    connection: Connection, tables: list[Table], found: Found, schema: str
) -> list[Change]:
    """Compare the tables that are there with those that are loaded.

    Parameters
    ----------
    connection
        To the database.
    tables
        The tables of the marts; those that hold the build are temporary ones.
    found
        What is there.
    schema
        Where the tables stand.

    Returns
    -------
    What differs, by table.

    Raises
    ------
    PublishError
        Something of a user's depends on a column that goes or changes.
    """
    types = read_types(connection, schema)
    keys = inspect(connection).get_multi_pk_constraint(schema=schema)
    changes = []
    for table in tables:
        if found.has_table(table.name):
            present, wanted = types[table.name], types[table.name + NEW]
            key = keys[schema, table.name]
            former = key["constrained_columns"] if key else []
            retyped = [name for name in wanted if present.get(name, wanted[name]) != wanted[name]]
            names = table.primary_key.columns.keys()
            changes.append(
                Change(
                    table,
                    wanted,
                    added=[name for name in wanted if name not in present],
                    retyped=retyped,
                    gone=[
                        name
                        for name in present
                        if name not in wanted and found.is_ours(table.name, name)
                    ],
                    is_rekeyed=former != names or bool(set(names) & set(retyped)),
                    former_key=former,
                    former_key_name=key["name"] if key else None,
                )
            )
    changes = [change for change in changes if change]
    for change in changes:
        refuse_what_hangs(connection, change)
    return changes


def alter(connection: Connection, change: Change) -> None:
    """Change the columns of a table to those of the build; those that go stay for now."""
    quote, clauses = connection.dialect.identifier_preparer.quote, []
    key = change.table.primary_key
    if change.is_rekeyed:
        connection.execute(delete(change.table))
        if change.former_key_name:
            clauses.append(f"drop constraint {quote(change.former_key_name)}")
    nullable = {*change.former_key, *change.gone} - set(key.columns.keys())
    clauses += [f"alter column {quote(name)} drop not null" for name in sorted(nullable)]
    for name in change.retyped:
        new_type = change.types[name]
        clauses.append(f"alter column {quote(name)} type {new_type} using null::{new_type}")
    clauses += [f"add column {quote(name)} {change.types[name]}" for name in change.added]
    if change.is_rekeyed and key.columns:
        columns = ", ".join(map(quote, key.columns.keys()))
        clauses.append(f"add constraint {quote(str(key.name))} primary key ({columns})")
    connection.exec_driver_sql(
        f"alter table {quoted(connection, change.table)} {', '.join(clauses)}"
    )


def drop_columns(connection: Connection, table: Table, names: list[str]) -> None:
    """Drop some columns of a table."""
    quote = connection.dialect.identifier_preparer.quote
    clauses = [f"drop column {quote(name)}" for name in names]
    if clauses:
        connection.exec_driver_sql(f"alter table {quoted(connection, table)} {', '.join(clauses)}")
