"""Which models of a build cost most, from dbt's own record and samples of its processes."""

import json
from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from measure import Sample


def cpu_between(samples: Sequence[Sample], first: float, last: float) -> float:
    """Return the seconds of processors that a process tree used between two moments.

    Parameters
    ----------
    samples
        In the order of time.
    first, last
        Moments, as ``time.time`` gives them.
    """
    moments = [sample.moment for sample in samples]
    places = [min(bisect_left(moments, moment), len(samples) - 1) for moment in (first, last)]
    return samples[places[1]].cpu_seconds - samples[places[0]].cpu_seconds


def span_of(node: dict[str, Any]) -> tuple[float, float]:
    """Return when a node began and ended."""
    times = [
        datetime.fromisoformat(step[end]).timestamp()
        for step in node["timing"]
        for end in ("started_at", "completed_at")
    ]
    return min(times), max(times)


def dearest_nodes(results: Path, samples: Sequence[Sample], number: int = 10) -> str:
    """List the dearest nodes of a build that ran one at a time.

    Parameters
    ----------
    results
        ``run_results.json`` of the build.
    samples
        Of its processes.
    number
        How many nodes are listed.

    Returns
    -------
    One line per node: seconds on the clock and of processors; the rest in one more line.
    """
    nodes = []
    for node in json.loads(results.read_text())["results"]:
        if node["timing"]:
            first, last = span_of(node)
            cpu_seconds = cpu_between(samples, first, last)
            nodes.append((cpu_seconds, last - first, node["unique_id"].split(".", 2)[2]))
    nodes.sort(reverse=True)
    lines = [f"{'CPU seconds':>12}{'seconds':>9}  dearest nodes"]
    lines += [f"{cpu:>12.1f}{wall:>9.1f}  {name}" for cpu, wall, name in nodes[:number]]
    rest = [sum(node[column] for node in nodes[number:]) for column in (0, 1)]
    return "\n".join([*lines, f"{rest[0]:>12.1f}{rest[1]:>9.1f}  {len(nodes) - number} others"])
