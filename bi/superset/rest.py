"""Superset's REST API, as far as the export in this folder needs it."""

import json
import urllib.error
import urllib.request
from http.cookiejar import CookieJar
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zipfile import ZIP_DEFLATED, ZipFile

import yaml

EXPORT = Path(__file__).with_name("export")
"""What ``make_export.py`` writes, and what is brought into a Superset."""

URI = "duckdb:///{path}?access_mode=read_only"
"""How Superset opens a published file: it cannot write into it."""

NOT_YOURS = "warehouse/published.duckdb"
"""The path in the export: that of this project's folder, and so of no machine."""

PATIENCE = 120


class SupersetError(Exception):
    """What Superset refused, and what it said."""


class Superset:
    """A Superset that answers, and a user of it.

    Parameters
    ----------
    address
        As ``http://127.0.0.1:8088``.
    user, password
        Of somebody who may create and export.
    """

    def __init__(self, address: str, user: str, password: str) -> None:
        self.address = address
        self._open = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(CookieJar())
        ).open
        self._headers = {"Referer": address}
        said = {"username": user, "password": password, "provider": "db", "refresh": False}
        token = self.ask("POST", "security/login", said)["access_token"]
        self._headers["Authorization"] = f"Bearer {token}"
        self._headers["X-CSRFToken"] = self.ask("GET", "security/csrf_token/")["result"]

    def send(self, method: str, path: str, body: bytes | None, kind: str) -> bytes:
        """Send a request to ``/api/v1/…`` and return what was answered, as it is."""
        request = urllib.request.Request(  # noqa: S310 - the address of a Superset
            f"{self.address}/api/v1/{path}",
            body,
            self._headers | ({"Content-Type": kind} if body else {}),
            method=method,
        )
        try:
            with self._open(request, timeout=PATIENCE) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                said = error.read().decode(errors="replace")
            raise SupersetError(f"{method} {path}: {error.code}: {said}") from error

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request to ``/api/v1/…``, both ways in JSON."""
        sent = None if body is None else json.dumps(body).encode()
        return json.loads(self.send(method, path, sent, "application/json"))

    def export_dashboard(self, dashboard: int) -> dict[str, str]:
        """Export a dashboard and all that it needs: YAML by the name of its file."""
        body = self.send("GET", f"dashboard/export/?q={quote(f'!({dashboard})')}", None, "")
        with ZipFile(BytesIO(body)) as archive:
            names = archive.namelist()
            return {name.partition("/")[2]: archive.read(name).decode() for name in names}

    def bring_in(self, published: Path, export: Path = EXPORT) -> None:
        """Import the export, or import it again: what it holds becomes what it says.

        Columns that are new in the published file, and what is said of them, come from there.

        Parameters
        ----------
        published
            The published file that the database ``patronage`` opens from now on.
        export
            The folder of the YAML files.
        """
        content = BytesIO()
        with ZipFile(content, "w", ZIP_DEFLATED) as archive:
            for path in sorted(export.rglob("*.yaml")):
                said = yaml.safe_load(path.read_text(encoding="utf-8"))
                if path.name == "metadata.yaml":
                    said["type"] = "assets"
                if "sqlalchemy_uri" in said:
                    said["sqlalchemy_uri"] = URI.format(path=published.absolute())
                archive.writestr(f"export/{path.relative_to(export)}", yaml.safe_dump(said))
        mark = "----export"
        head = (
            f'--{mark}\r\nContent-Disposition: form-data; name="bundle"; filename="export.zip"\r\n'
            "Content-Type: application/zip\r\n\r\n"
        )
        body = head.encode() + content.getvalue() + f"\r\n--{mark}--\r\n".encode()
        self.send("POST", "assets/import/", body, f"multipart/form-data; boundary={mark}")
        numbers = self.datasets()
        for path in sorted((export / "datasets").rglob("*.yaml")):
            dataset = yaml.safe_load(path.read_text(encoding="utf-8"))["uuid"]
            self.ask("PUT", f"dataset/{numbers[dataset]}/refresh")

    def datasets(self) -> dict[str, int]:
        """Read the number of each dataset, by its UUID."""
        found = self.ask("GET", "dataset/?q=(page_size:100)")["result"]
        return {dataset["uuid"]: int(dataset["id"]) for dataset in found}

    def charts(self) -> dict[str, dict[str, Any]]:
        """Read the charts by name, each as the API describes it."""
        found = self.ask("GET", "chart/?q=(page_size:100)")["ids"]
        said = [self.ask("GET", f"chart/{chart}")["result"] for chart in found]
        return {chart["slice_name"]: chart for chart in said}

    def rows(self, query_context: str) -> list[dict[str, Any]]:
        """Run the query of a chart, and return the rows that it draws."""
        (result,) = self.ask("POST", "chart/data", json.loads(query_context))["result"]
        rows: list[dict[str, Any]] = result["data"]
        return rows
