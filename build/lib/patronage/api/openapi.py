"""What OpenAPI says beyond what FastAPI finds out."""

from collections.abc import Callable, Coroutine, Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from patronage.api.bodies import CSV, JSON, LINES, MAX_ROWS, TYPES
from patronage.api.problems import MEDIA_TYPE, Problem, ProblemBody
from patronage.api.schemas import MARTS, CustomerFigures
from patronage.api.store import Published, Row, Store

EXAMPLE = {"recency": 30, "frequency": 4, "monetary": 2500}
CSV_PATTERN = r"^([0-9]{1,6},[0-9]{1,9},-?[0-9]{1,9}(\.[0-9]{1,4})?\r?\n){1,100}$"
"""The plain form: recency, frequency, monetary. A first line that names the columns allows more."""
LINE_PATTERN = (
    r'^(\{"recency": [0-9]{1,6}, "frequency": [0-9]{1,9}, "monetary": -?[0-9]{1,9}\}\n){1,100}$'
)
"""One line a customer, as in JSON."""

FIGURES = {"$ref": "#/components/schemas/CustomerFigures"}
SCHEMES = {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}
Responses = dict[int | str, dict[str, Any]]
NOT_MODIFIED: Responses = {304: {"description": "If-None-Match has the ETag of the build."}}

JSON_TYPES = {
    "VARCHAR": "string",
    "BOOLEAN": "boolean",
    "DOUBLE": "number",
    "FLOAT": "number",
    "DATE": "string",
}


def problems(*statuses: int) -> Responses:
    """Describe the errors of a route."""
    reference = {"$ref": "#/components/schemas/ProblemBody"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": reference}},
        }
        for status in (*statuses, 500)
    }


def score_answers() -> Responses:
    """Describe the other types of scores."""
    lines = {"schema": {"type": "string"}, "example": '{"cluster":2,"segment":"Steady"}\n'}
    types = {kind: lines for kind, read_as in TYPES.items() if read_as == LINES}
    return {
        200: {
            "content": {
                **types,
                CSV: {"schema": {"type": "string"}, "example": "2,Steady Customers\n"},
            }
        }
    }


def figures_body() -> dict[str, Any]:
    """Describe the body of customers' figures."""
    batch = {"type": "array", "items": FIGURES, "maxItems": MAX_ROWS}
    lines = {
        "schema": {"type": "string", "pattern": LINE_PATTERN},
        "example": '{"recency": 30, "frequency": 4, "monetary": 2500}\n',
    }
    content: dict[str, Any] = {
        JSON: {
            "schema": {"oneOf": [FIGURES, batch]},
            "examples": {
                "one": {"value": EXAMPLE},
                "batch": {"value": [EXAMPLE, {**EXAMPLE, "recency": 300, "return_rate_pct": 20}]},
            },
        },
        CSV: {
            "schema": {"type": "string", "pattern": CSV_PATTERN},
            "example": "30,4,2500\n300,1,80.5\n",
        },
        **{kind: lines for kind, read_as in TYPES.items() if read_as == LINES},
    }
    return {"requestBody": {"required": True, "content": content}}


class StrictRoute(APIRoute):
    """A route that refuses a query with a key that it does not have, or with one twice."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Look at the query, then answer as FastAPI does."""
        answer = super().get_route_handler()
        known = [field.alias for field in self.dependant.query_params]

        async def handler(request: Request) -> Response:
            if request.scope["query_string"]:
                refuse_unknown_keys(request, known)
            return await answer(request)

        return handler


def refuse_unknown_keys(request: Request, known: Sequence[str]) -> None:
    """Refuse a query with a key that is not known, or with one twice.

    Raises
    ------
    Problem
        422: it has.
    """
    given = [name for name, _ in request.query_params.multi_items()]
    for name in given:
        if name not in known:
            accepted = ", ".join(known) or "none"
            raise Problem(422, f"query: there is no key {name[:99]!r}; accepted: {accepted}")
        if given.count(name) > 1:
            raise Problem(422, f"query: the key {name} stands there twice")


def column_schema(column: Row) -> dict[str, Any]:
    """Describe a column as the published file has it."""
    data_type = column["data_type"]
    if data_type.endswith("INT") or data_type == "INTEGER":
        kind = "integer"
    else:
        kind = "number" if data_type.startswith("DECIMAL") else JSON_TYPES.get(data_type, "string")
    schema: dict[str, Any] = {"title": column["column_name"]}
    schema |= {"type": [kind, "null"] if column["is_nullable"] else kind}
    if data_type == "DATE":
        schema["format"] = "date"
    return schema


def describe_columns(schemas: dict[str, Any], columns: Sequence[Row]) -> None:
    """Describe every column of the marts that answers give; the file's comments say what it is."""
    for name, mart in MARTS.items():
        properties = schemas[name]["properties"]
        for column in columns:
            if column["table_name"] != mart or (
                name == "CustomerSegment" and column["column_name"] not in properties
            ):
                continue
            described = properties.setdefault(column["column_name"], column_schema(column))
            if column["comment"]:
                described["description"] = column["comment"]


class Description:
    """The OpenAPI description of the application, with the columns of the build that answers.

    Parameters
    ----------
    app, store
        What is described, and where its builds are.
    open_paths
        Paths that need no key; None = no path needs one.
    """

    def __init__(self, app: FastAPI, store: Store, open_paths: frozenset[str] | None) -> None:
        self._make = app.openapi
        self._app = app
        self._store = store
        self._open_paths = open_paths
        self._of: Published | None = None

    def __call__(self) -> dict[str, Any]:
        """Give the description."""
        published = self._store.published
        if self._app.openapi_schema is None or published is not self._of:
            self._app.openapi_schema = None
            self._of = published
            self._complete(self._make(), published)
        return self._make()

    def _complete(self, schema: dict[str, Any], published: Published | None) -> None:
        schemas = schema.setdefault("components", {}).setdefault("schemas", {})
        schemas["ProblemBody"] = ProblemBody.model_json_schema()
        schemas |= msgspec.json.schema_components([CustomerFigures])[1]
        if published is not None:
            describe_columns(schemas, published.columns)
        if self._open_paths is None:
            return
        schema["components"]["securitySchemes"] = SCHEMES
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                if path not in self._open_paths:
                    operation["security"] = [{"ApiKey": []}]
                    operation["responses"]["401"] = problems(401)[401]
