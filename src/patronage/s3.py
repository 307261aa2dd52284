"""Let DuckDB read and write S3 with what boto3 finds: keys, session token, region and endpoint.

boto3 looks where every AWS program does: in the environment, in the profile of ``AWS_PROFILE`` (SSO
and web identities too), and in the role of the container or machine.
"""

import os
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

import duckdb

from patronage.published import first_line, sql_text


class S3Error(Exception):
    """Why S3 cannot be used, in one sentence."""


def open_session() -> Any:
    """Start a session of boto3, in the region of ``AWS_REGION`` or of the profile, or us-east-1.

    Raises
    ------
    S3Error
        boto3 is missing, or the profile is.
    """
    if not find_spec("boto3"):
        raise S3Error("s3 needs boto3: pip install 'patronage[s3]'")
    import boto3  # noqa: PLC0415 - an extra
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415 - an extra

    try:
        region = os.environ.get("AWS_REGION") or boto3.Session().region_name or "us-east-1"
        return boto3.Session(region_name=region)
    except BotoCoreError as error:
        raise S3Error(f"AWS is not set up: {first_line(error)}") from error


def secret_sql(session: Any, *, may_be_anonymous: bool = False) -> str:
    """Write the statement that gives DuckDB what a session knows.

    Parameters
    ----------
    session
        As of ``open_session``.
    may_be_anonymous
        Whether having no keys is right: public buckets are read without.

    Returns
    -------
    ``create or replace temporary secret …``; never to be logged.

    Raises
    ------
    S3Error
        There are no keys, or they cannot be fetched.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - an extra

    try:
        credentials = session.get_credentials()
        keys = credentials.get_frozen_credentials() if credentials else None
        endpoint = urlsplit(session.client("s3").meta.endpoint_url)
    except (BotoCoreError, ClientError, ValueError) as error:
        raise S3Error(f"AWS is not set up: {first_line(error)}") from error
    if not keys and not may_be_anonymous:
        raise S3Error(
            "there are no AWS keys: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or"
            " AWS_PROFILE, or give the machine or container a role"
        )
    is_amazon = str(endpoint.hostname).endswith((".amazonaws.com", ".amazonaws.com.cn"))
    options = {
        "key_id": keys.access_key if keys else "",
        "secret": keys.secret_key if keys else "",
        "session_token": (keys.token or "") if keys else "",
        "region": session.region_name,
        "endpoint": endpoint.netloc,
        "url_style": "vhost" if is_amazon else "path",
        "use_ssl": str(endpoint.scheme == "https").lower(),
    }
    given = ", ".join(f"{name} {sql_text(value)}" for name, value in options.items() if value)
    return f"create or replace temporary secret patronage (type s3, {given})"


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
