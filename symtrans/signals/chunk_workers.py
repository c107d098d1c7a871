"""Who computes the chunks of a recording: threads of this process, or the workers of a running cluster."""

import os
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from symtrans.errors import NonlinearityError, SymtransError
from symtrans.signals.containers import needed

_PATIENCE = 10
"""Seconds within which a cluster must answer."""
_RETRIES = 2
"""How often a chunk is tried again that a cluster failed at."""


@dataclass(frozen=True)
class Workers:
    """Who filters: threads of this process, or a cluster.

    Attributes
    ----------
    count : int or None
        How many threads of this process; None for as many as there are cores.
    scheduler : str or None
        The address of a running cluster instead.
    """

    count: int | None = None
    scheduler: str | None = None


def compute(tasks: Sequence[Any], workers: Workers, step: Callable[[], None]) -> None:
    """Compute delayed tasks, for what they do; `step` is called after each.

    Raises
    ------
    OSError
        If a file, the disk or the cluster fails.
    """
    if not tasks:
        return
    if workers.scheduler is None:
        _here(tasks, workers.count, step)
    elif workers.count is not None:
        raise NonlinearityError(
            "--workers are threads of this machine, and --scheduler has workers of its own: give one"
        )
    else:
        _on_cluster(tasks, workers.scheduler, step)


def _here(tasks: Sequence[Any], count: int | None, step: Callable[[], None]) -> None:
    dask = needed("dask", "an array larger than memory", "dask")
    callbacks = needed("dask.callbacks", "an array larger than memory", "dask")
    threaded = needed("dask.threaded", "an array larger than memory", "dask")
    keys = {task.key for task in tasks}

    def done(key: Any, *_: Any) -> None:
        if key in keys:
            step()

    pool = ThreadPoolExecutor(count or os.cpu_count())
    try:
        with callbacks.Callback(posttask=done):
            dask.compute(*tasks, scheduler=threaded.get, pool=pool)  # by its name Dask would load distributed first
    finally:  # nobody writes any more when this returns
        pool.shutdown(cancel_futures=True)


def _on_cluster(tasks: Sequence[Any], address: str, step: Callable[[], None]) -> None:
    if re.fullmatch(r"([a-z]+://)?[^\s/]+:\d+/?", address) is None:  # at which distributed leaves a traceback behind
        raise NonlinearityError(f"--scheduler {address} is no address such as tcp://head:8786")
    distributed = needed("distributed", "a cluster", "dask")
    try:
        client = distributed.Client(address, set_as_default=False, timeout=_PATIENCE)
    except Exception as error:
        raise ConnectionError(f"there is no cluster at {address}: {error or type(error).__name__}") from None
    futures: Sequence[Any] = ()
    try:
        futures = client.compute(list(tasks), retries=_RETRIES)
        for future in distributed.as_completed(futures, loop=client.loop):
            future.result()
            step()
    except (SymtransError, OSError, MemoryError):
        client.cancel(futures)
        raise
    except Exception as error:
        words = " ".join(str(error).split()).rstrip(".") or type(error).__name__
        raise ConnectionError(f"the cluster at {address} failed: {words}") from error
    finally:
        client.close()
