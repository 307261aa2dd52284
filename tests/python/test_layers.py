"""Arrows between models lead one way: dbt-bouncer knows no functions, and sees no circle of folders."""

from pathlib import Path
from typing import Any

import pytest

from warehouse import parsed_project

RANKS = {
    "raw": 0,
    "staging": 1,
    "orders": 2,
    "products": 3,
    "customers": 4,
    "segments": 5,
    "returns": 6,
    "history": 6,
    "flags": 6,
    "predictions": 6,
    "contacts": 7,
    "marts": 8,
}
"""Layers in the order of their arrows; those of one rank do not read each other."""

MOVING = ("functions/", "python_models/", "models/fits/")
"""A function or a fit belongs to the last layer that it reads."""

MOST_LEVELS = 22


def resources(manifest: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """File and parents of each seed, model and function; parents come before their children."""
    found = {}
    for key, node in {**manifest["nodes"], **manifest["functions"]}.items():
        if node["resource_type"] in ("seed", "model", "function"):
            parents = node["depends_on"].get("nodes", [])
            found[key] = (str(node["original_file_path"]), [str(parent) for parent in parents])
    ordered: dict[str, tuple[str, list[str]]] = {}
    while len(ordered) < len(found):
        for key, (_, parents) in found.items():
            if key not in ordered and all(parent in ordered for parent in parents):
                ordered[key] = found[key]
    return ordered


def layers(manifest: dict[str, Any]) -> dict[str, str]:
    """Name the layer of each seed, model and function."""
    found: dict[str, str] = {}
    for key, (path, parents) in resources(manifest).items():
        parts = Path(path).parts
        if path.startswith(MOVING):
            found[key] = max((found[parent] for parent in parents), key=RANKS.__getitem__)
        elif parts[0] == "seeds":
            found[key] = "raw"
        else:
            found[key] = parts[2] if parts[1] == "intermediate" else parts[1]
    return found


def arrows_that_lead_back(manifest: dict[str, Any]) -> list[str]:
    """List the arrows that do not lead on, and those from a mart to anything but a mart."""
    found, layer = [], layers(manifest)
    for key, (path, parents) in resources(manifest).items():
        for parent in parents:
            leads_on = layer[parent] == layer[key] or RANKS[layer[parent]] < RANKS[layer[key]]
            if not leads_on or (layer[parent] == "marts" and path.startswith(MOVING)):
                found.append(f"{parent.split('.')[-1]} -> {key.split('.')[-1]}")
    return found


def longest_path(manifest: dict[str, Any]) -> list[str]:
    """Follow the longest chain of resources of which each waits for the one before."""
    paths: dict[str, list[str]] = {}
    for key, (_, parents) in resources(manifest).items():
        paths[key] = [*max((paths[parent] for parent in parents), key=len, default=[]), key]
    return max(paths.values(), key=len)


def manifest_of(**files: tuple[str, list[str]]) -> dict[str, Any]:
    """Make a manifest of a few resources: by name, the file and the names of what it reads."""
    nodes = {
        name: {
            "resource_type": "function" if path.startswith("functions") else "model",
            "original_file_path": path,
            "depends_on": {"nodes": parents},
        }
        for name, (path, parents) in files.items()
    }
    return {"nodes": nodes, "functions": {}}


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    """What dbt knows of the project, with every shop."""
    return parsed_project()


def test_every_arrow_leads_on(manifest: dict[str, Any]) -> None:
    assert set(layers(manifest).values()) == set(RANKS)
    assert arrows_that_lead_back(manifest) == []


def test_nothing_waits_for_more_than_twenty_others_in_a_row(manifest: dict[str, Any]) -> None:
    path = longest_path(manifest)
    assert len(path) <= MOST_LEVELS, " -> ".join(path)


def test_other_projects_can_read_the_marts_and_the_extension_point(
    manifest: dict[str, Any],
) -> None:
    models = [node for node in manifest["nodes"].values() if node["resource_type"] == "model"]
    marts = {node["name"] for node in models if node["path"].startswith("marts/")}
    assert {node["name"] for node in models if node["access"] == "public"} == {
        *marts,
        "int_cluster_figures",
    }
    assert {node["access"] for node in models} == {"public", "protected"}


def test_a_function_that_reads_a_mart_is_found() -> None:
    score_edges = {
        "rfm": ("models/intermediate/customers/int_customer_rfm.sql", []),
        "edges": ("models/marts/score_edges.sql", ["rfm"]),
        "segment_of": ("functions/segment_of.sql", ["edges"]),
        "clusters": ("models/intermediate/segments/int_customer_clusters.sql", ["segment_of"]),
    }
    assert arrows_that_lead_back(manifest_of(**score_edges)) == [
        "edges -> segment_of",
        "segment_of -> clusters",
    ]


def test_folders_that_read_each_other_are_found() -> None:
    returns = {
        "rfm": ("models/intermediate/customers/int_customer_rfm.sql", []),
        "fit": ("python_models/segment_centroids.py", ["rfm"]),
        "segments": ("models/intermediate/segments/int_customer_segments.sql", ["rfm", "fit"]),
        "countries": ("models/intermediate/customers/int_country_returns.sql", ["segments"]),
    }
    assert arrows_that_lead_back(manifest_of(**returns)) == ["segments -> countries"]


def test_layers_side_by_side_do_not_read_each_other() -> None:
    beside = {
        "flags": ("models/intermediate/flags/int_shop_amounts.sql", []),
        "history": ("models/intermediate/history/int_month_ends.sql", ["flags"]),
    }
    assert arrows_that_lead_back(manifest_of(**beside)) == ["flags -> history"]
