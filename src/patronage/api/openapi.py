"""What OpenAPI says beyond what FastAPI finds out."""

from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI

from patronage.api.problems import MEDIA_TYPE, ProblemBody
from patronage.api.schemas import CustomerFigures
from patronage.api.scoring import MAX_ROWS

EXAMPLE = {"recency": 30, "frequency": 4, "monetary": 2500}
CSV_PATTERN = r"^([0-9]{1,6},[0-9]{1,9},-?[0-9]{1,9}(\.[0-9]{1,4})?\r?\n){1,100}$"
"""The plain form: recency, frequency, monetary. A first line that names the columns allows more."""

FIGURES = {"$ref": "#/components/schemas/CustomerFigures"}
SCHEMES = {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the errors of a route."""
    reference = {"$ref": "#/components/schemas/ProblemBody"}
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {MEDIA_TYPE: {"schema": reference}},
        }
        for status in (*statuses, 500)
    }


def json_body(csv: bool = False) -> dict[str, Any]:
    """Describe the body of customers' figures."""
    batch = {"type": "array", "items": FIGURES, "maxItems": MAX_ROWS}
    content: dict[str, Any] = {
        "application/json": {
            "schema": {"oneOf": [FIGURES, batch]},
            "examples": {
                "one": {"value": EXAMPLE},
                "batch": {"value": [EXAMPLE, {**EXAMPLE, "recency": 300, "return_rate_pct": 20}]},
            },
        }
    }
    if csv:
        content["text/csv"] = {
            "schema": {"type": "string", "pattern": CSV_PATTERN},
            "example": "30,4,2500\n300,1,80.5\n",
        }
    return {"requestBody": {"required": True, "content": content}}


def describe(app: FastAPI, open_paths: frozenset[str] | None) -> None:
    """Complete the description of the API.

    Parameters
    ----------
    open_paths
        Paths that need no key; None = no path needs one.
    """
    schema = app.openapi()
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    schemas["ProblemBody"] = ProblemBody.model_json_schema()
    schemas |= msgspec.json.schema_components([CustomerFigures])[1]
    if open_paths is None:
        return
    schema["components"]["securitySchemes"] = SCHEMES
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            if path not in open_paths:
                operation["security"] = [{"ApiKey": []}]
                operation["responses"]["401"] = problems(401)[401]
