"""Publish the marts to S3 as Parquet, and register them in AWS Glue so that Athena finds them.

Keys, region and endpoint come from the environment variables that every AWS program reads.
"""

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import duckdb

from patronage.published import PublishError, attached_published, first_line, list_marts, sql_text
from patronage.publishing.files import copy_to_parquet

GLUE_TYPES = {"VARCHAR": "string", "INTEGER": "int"}
"""Glue's names of DuckDB's types, where they differ by more than their case."""


def load_httpfs(connection: duckdb.DuckDBPyConnection) -> None:
    """Load DuckDB's extension httpfs, from its wheel where that is installed."""
    try:
        connection.execute("load httpfs")
    except duckdb.Error:
        if find_spec("duckdb_extension_httpfs"):
            from duckdb_extensions import import_extension  # noqa: PLC0415 - an extra

            import_extension("httpfs", con=connection)
        else:
            connection.execute("install httpfs")
        connection.execute("load httpfs")


def region() -> str:
    """Name the region of AWS."""
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def secret_sql() -> str:
    """Write the statement that gives DuckDB the keys of the environment.

    Returns
    -------
    ``create secret …``; never to be logged.

    Raises
    ------
    PublishError
        There are no keys.
    """
    if not (os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY")):
        raise PublishError(
            "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY have to be set to write to s3"
        )
    options = {
        "key_id": os.environ["AWS_ACCESS_KEY_ID"],
        "secret": os.environ["AWS_SECRET_ACCESS_KEY"],
        "session_token": os.environ.get("AWS_SESSION_TOKEN", ""),
        "region": region(),
    }
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3", os.environ.get("AWS_ENDPOINT_URL", ""))
    if endpoint:
        parts = urlsplit(endpoint)
        options |= {"endpoint": parts.netloc, "url_style": "path"}
        options["use_ssl"] = str(parts.scheme == "https").lower()
    given = [f"{name} {sql_text(value)}" for name, value in options.items() if value]
    return f"create secret published (type s3, {', '.join(given)})"


def glue_table(name: str, columns: list[tuple[str, str]], folder: str) -> dict[str, Any]:
    """Describe a Parquet table as Glue wants it.

    Parameters
    ----------
    name
        Name of the table.
    columns
        Name and DuckDB type of each column.
    folder
        Where its file is.

    Returns
    -------
    Glue's ``TableInput``. A decimal stays a decimal: Athena refuses to read one as a double.
    """
    formats = "org.apache.hadoop.hive.ql.io.parquet"
    return {
        "Name": name,
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"classification": "parquet"},
        "StorageDescriptor": {
            "Columns": [
                {"Name": column, "Type": GLUE_TYPES.get(kind, kind.lower())}
                for column, kind in columns
            ],
            "Location": folder,
            "InputFormat": f"{formats}.MapredParquetInputFormat",
            "OutputFormat": f"{formats}.MapredParquetOutputFormat",
            "SerdeInfo": {"SerializationLibrary": f"{formats}.serde.ParquetHiveSerDe"},
        },
    }


def register_in_glue(tables: list[dict[str, Any]], database: str) -> None:
    """Create or update tables of a database in AWS Glue.

    Parameters
    ----------
    tables
        Results of ``glue_table``.
    database
        Name of the database in Glue; it exists already.

    Raises
    ------
    PublishError
        Glue refuses.
    """
    import boto3  # noqa: PLC0415 - an extra
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

    try:
        client = boto3.client("glue", region_name=region())
        pages = client.get_paginator("get_tables").paginate(DatabaseName=database)
        known = {table["Name"] for page in pages for table in page["TableList"]}
        for table in tables:
            write = client.update_table if table["Name"] in known else client.create_table
            write(DatabaseName=database, TableInput=table)
    except (BotoCoreError, ClientError) as error:
        raise PublishError(f"Glue database {database} could not be written: {error}") from error


def publish_to_s3(published: Path, url: str, glue_database: str | None = None) -> str:
    """Write each published mart to ``<url>/<mart>/<mart>.parquet``.

    Each object is replaced at once, ``build`` last: who needs several marts of one build compares
    its ``build_id`` before and after.

    Parameters
    ----------
    published
        A file that ``patronage publish`` has written.
    url
        ``s3://bucket/prefix``.
    glue_database
        Database in AWS Glue in which the marts are registered; None = they are not.

    Returns
    -------
    Id of the published build.

    Raises
    ------
    PublishError
        In one sentence what stands in the way.
    """
    url = url.rstrip("/")
    if not url.startswith("s3://"):
        raise PublishError(f"found {url} as address; accepted: s3://bucket/prefix")
    if glue_database and not find_spec("boto3"):
        raise PublishError("registering in Glue needs boto3: pip install 'patronage[s3]'")
    with attached_published(published) as connection:
        secret = secret_sql()
        marts = [mart for mart in list_marts(connection, "published") if mart != "build"]
        try:
            load_httpfs(connection)
            connection.execute(secret)
            for mart in [*marts, "build"]:
                copy_to_parquet(connection, mart, f"{url}/{mart}/{mart}.parquet")
        except duckdb.Error as error:
            raise PublishError(f"{url} could not be written: {first_line(error)}") from error
        if glue_database:
            tables = []
            for mart in [*marts, "build"]:
                rows = connection.execute(f'describe published.marts."{mart}"').fetchall()
                columns = [(row[0], row[1]) for row in rows]
                tables.append(glue_table(mart, columns, f"{url}/{mart}/"))
            register_in_glue(tables, glue_database)
        ((build_id,),) = connection.sql("select build_id from published.marts.build").fetchall()
    return str(build_id)
