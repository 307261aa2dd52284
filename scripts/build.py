"""Build the warehouse as ``dbt build`` does, and say in a few lines what has been done.

Arguments are those of ``dbt build``. A layer is named when its last model is there, a fit with its
seconds, and all that failed with dbt's reason.
"""

import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from dbt.artifacts.schemas.results import NodeStatus
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

FAILED = {NodeStatus.Error, NodeStatus.Fail, NodeStatus.RuntimeErr, NodeStatus.PartialSuccess}


def layer_of(kind: str, path: str) -> str:
    """Name what a line of progress counts: seeds, tests, functions, fits, or a folder of models.

    Parameters
    ----------
    kind
        dbt's ``resource_type``.
    path
        The file, from the project's folder on.
    """
    parts = Path(path).parts
    if kind != "model":
        return {"test": "tests", "unit_test": "unit tests"}.get(kind, f"{kind}s")
    if parts[0] == "python_models":
        return "fits"
    return parts[2] if parts[1] == "intermediate" else parts[1]


class Progress:
    """Lines about a build that is under way.

    Parameters
    ----------
    manifest
        The project, from which the sizes of the layers are counted.
    """

    def __init__(self, manifest: Manifest) -> None:
        known: dict[str, Any] = {**manifest.nodes, **manifest.functions, **manifest.unit_tests}
        self.nodes = {
            name: (str(node.resource_type), node.original_file_path) for name, node in known.items()
        }
        self.left = Counter(layer_of(*node) for node in self.nodes.values())
        self.sizes = dict(self.left)
        self.started = time.monotonic()

    def say(self, event: Any) -> None:
        """Take note of one of dbt's events."""
        if event.info.name != "NodeFinished":
            return
        node = self.nodes.get(event.data.node_info.unique_id)
        if node is None:
            return
        layer, seconds = layer_of(*node), event.data.run_result.execution_time
        self.left[layer] -= 1
        if layer == "fits":
            print(f"{self.clock()}  fit {event.data.node_info.node_name}: {seconds:.1f} s")
        if self.left[layer] == 0:
            print(f"{self.clock()}  {layer}: {self.sizes[layer]} done", flush=True)

    def clock(self) -> str:
        """Write the seconds since the start."""
        return f"{time.monotonic() - self.started:6.1f} s"


def main(arguments: list[str]) -> int:
    """Build; return 0 where everything succeeded."""
    parsed = dbtRunner().invoke(["--quiet", "parse", *arguments])
    if not isinstance(parsed.result, Manifest):
        return 2
    progress = Progress(parsed.result)
    runner = dbtRunner(manifest=parsed.result, callbacks=[progress.say])
    done = runner.invoke(["--quiet", "build", *arguments])
    results = getattr(done.result, "results", ())
    failed = [result for result in results if result.status in FAILED]
    print(f"{progress.clock()}  {len(results) - len(failed)} of {len(results)} succeeded")
    return int(not done.success)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
