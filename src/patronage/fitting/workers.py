"""Where fits run: in processes of their own, away from Python's lock and with one BLAS thread."""

import os
from collections.abc import Callable, Iterable
from typing import Any, ParamSpec, TypeVar, cast

from joblib import Parallel, delayed, parallel_config

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

WORKERS = max(2, min(4, os.cpu_count() or 1))
"""Processes, each of about 200 MB (with one, joblib would start none)."""


def run_in_workers(tasks: Iterable[tuple[Callable[..., Result], Any, Any]]) -> list[Result]:
    """Run functions in worker processes, and wait for their results.

    dbt builds several models at once, in threads of one process. A fit among them would wait for
    Python's lock at each of its thousands of small steps, and two fits would undo each other's
    limit of BLAS threads. A worker has one BLAS thread: the same sums on any machine. Workers stay
    for the next call, and end with the process that called.

    Parameters
    ----------
    tasks
        Made by ``joblib.delayed(function)(arguments)``, the function one that can be imported.

    Returns
    -------
    What the functions return, in the order of the tasks.
    """
    with parallel_config("loky", n_jobs=WORKERS, inner_max_num_threads=1):
        results = list(Parallel(max_nbytes=None)(tasks))
    return cast(list[Result], results)


def run_in_worker(
    function: Callable[Arguments, Result], *args: Arguments.args, **kwargs: Arguments.kwargs
) -> Result:
    """Run one function in a worker process: see ``run_in_workers``.

    Parameters
    ----------
    function
        A function that can be imported.
    *args, **kwargs
        Its arguments.

    Returns
    -------
    What the function returns.
    """
    (result,) = run_in_workers([delayed(function)(*args, **kwargs)])
    return cast(Result, result)
