"""The part of dbt's target ``s3``: raw extracts are read as marts are published, by boto3."""

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin
from dbt_common.exceptions import DbtRuntimeError

from patronage.published import first_line
from patronage.s3 import S3Error, load_httpfs, open_session, secret_sql


class Plugin(BasePlugin):
    """Gives DuckDB the extension httpfs and the keys that boto3 finds; public files need none."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Load the extension, and keep the keys in memory."""
        try:
            load_httpfs(conn)
            conn.execute(secret_sql(open_session(), may_be_anonymous=True))
        except (S3Error, duckdb.Error) as error:
            raise DbtRuntimeError(f"target s3 cannot be used: {first_line(error)}") from None
