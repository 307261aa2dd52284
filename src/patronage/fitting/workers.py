"""Where fits run: in processes of their own, away from Python's lock and with one BLAS thread."""

import os
import threading
import time
from contextlib import ExitStack
from importlib import import_module
from typing import Any

from joblib import Parallel, delayed, parallel_config

WORKERS = max(2, min(4, os.cpu_count() or 1))
"""Processes, each of about 200 MB (with one, joblib would start none)."""

IDLE_SECONDS = 60
"""After the last fit, the models that need most memory are still to come."""


STARTING = threading.Lock()
"""joblib hands a second thread workers that the first one has not finished to set up."""


def call(name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a function of this package by its name, as ``module.function``."""
    module, _, function = name.partition(".")
    return getattr(import_module(f"patronage.fitting.{module}"), function)(*args, **kwargs)


def end_with(parent: int) -> None:
    """Let this process end within a second of its parent, which may be killed without a word.

    Parameters
    ----------
    parent
        Id of the process that started this one.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def run_in_worker(name: str, *args: Any, **kwargs: Any) -> Any:
    """Call a fit in a worker process, and wait for its result.

    dbt builds several models at once, in threads of one process. A fit among them would wait for
    Python's lock at each of its thousands of small steps, and two fits would undo each other's
    limit of BLAS threads. A worker has one BLAS thread: the same sums on any machine. Workers wait
    a minute for the next call, and end with the process that called, even if it is killed. That
    process never imports what fits need.

    Parameters
    ----------
    name
        The function, as ``module.function`` of ``patronage.fitting``.
    *args, **kwargs
        Its arguments.

    Returns
    -------
    What the function returns.
    """
    with ExitStack() as stack:
        stack.enter_context(
            parallel_config(
                "loky",
                n_jobs=WORKERS,
                idle_worker_timeout=IDLE_SECONDS,
                inner_max_num_threads=1,
                initializer=end_with,
                initargs=(os.getpid(),),
            )
        )
        with STARTING:
            parallel = stack.enter_context(Parallel(max_nbytes=None))
        (result,) = parallel([delayed(call)(name, *args, **kwargs)])
    return result
