"""A kernel with its parameters as a task: what travels is its recipe, and each process makes it once, of the same bits.

What was compiled travels too, for a worker without a compiler.

NumPy, and in float32 the reciprocal root of C, may round otherwise on another processor. So the sender adds what the
kernel makes of a trial signal, and who receives it compares.
"""

import hashlib
import pickle
import platform
import threading
import zlib
from collections.abc import Mapping
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from symtrans.codegen.kernel import Kernel
from symtrans.errors import CompilerError
from symtrans.runtime.c_compiler import carried

_TRIAL = 2000  # samples, about
_lock = threading.Lock()


class Task:
    """Filters chunks: ``task(chunk)`` is a new array; ``task(chunk, region)`` a region, and the chunk may be lost.

    Parameters
    ----------
    kernel : Kernel
    parameters : mapping
        Of the kernel, by keyword.
    """

    def __init__(self, kernel: Kernel, parameters: Mapping[str, Any]) -> None:
        self._kernel = kernel
        self._parameters = parameters
        self._run = kernel.bound(**parameters)
        self.__name__ = f"filter-{kernel.target}-{kernel.dtype}"  # what Dask shows of it

    def __call__(self, chunk: np.ndarray, region: tuple[slice, ...] | None = None) -> np.ndarray:
        """What the kernel makes of a chunk, of whatever strides and type of real numbers."""
        signal = np.require(chunk, self._kernel.dtype, ["C", "A"])
        result = np.empty_like(signal) if region is None else signal
        if signal.size:
            self._run(signal, result)
        return result if region is None else result[region]

    def __reduce__(self) -> tuple[Any, ...]:
        return arrived, (self._recipe, self._libraries, self.trial)

    def __dask_tokenize__(self) -> tuple[str, bytes]:
        return type(self).__qualname__, self._recipe

    @cached_property
    def _recipe(self) -> bytes:
        return pickle.dumps((self._kernel, self._parameters))

    @cached_property
    def _libraries(self) -> bytes:
        """What was compiled, for workers without a compiler: those of the same processor can run it."""
        with carried({}) as libraries:
            pickle.loads(self._recipe)
        return zlib.compress(pickle.dumps(libraries))

    @cached_property
    def trial(self) -> str:
        """A hash of what it makes of a trial signal."""
        grid = self._kernel.network.grid
        side = round(_TRIAL ** (1 / grid.dimensions))
        shape = (2,) * grid.channels + tuple(side + k for k in range(grid.dimensions))
        rng = np.random.default_rng(0)
        signal = rng.standard_normal(shape) * 10.0 ** rng.uniform(-3, 2, shape)
        return hashlib.sha256(self(signal).tobytes()).hexdigest()


def arrived(recipe: bytes, libraries: bytes, trial: str) -> Task:
    """The task of a recipe, made once in a process, however many of its threads ask.

    Raises
    ------
    CompilerError
        If there is no compiler where one is needed, since its processor is not the sender's, or this machine computes
        other bits than the sender.
    """
    with _lock:
        return _made(recipe, libraries, trial)


@lru_cache(maxsize=16)
def _made(recipe: bytes, libraries: bytes, trial: str) -> Task:
    with carried(pickle.loads(zlib.decompress(libraries))):
        kernel, parameters = pickle.loads(recipe)
    task = Task(kernel, parameters)
    if task.trial != trial:
        raise CompilerError(
            f"{kernel!r} computes other bits on {platform.node() or 'this worker'} than where the array was set up: "
            'its processor, NumPy or C library rounds otherwise. Give filter a kernel of compile("c", '
            'accuracy="strict"), or take workers of one kind'
        )
    return task
