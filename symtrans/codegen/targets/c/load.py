"""A C kernel compiled, loaded and called."""

import ctypes
import math
import os
from collections.abc import Callable, Mapping
from struct import Struct
from typing import Any

import numpy as np

from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.c.emit import TEMPLATES, emit, takes_arrays
from symtrans.codegen.targets.target import Addressed, Adjoint, Filter, Loaded, Value
from symtrans.runtime.c_compiler import shared_library
from symtrans.runtime.templates import render

_forked = False


def _after_fork() -> None:
    global _forked
    _forked = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _usable(threads: int) -> int:
    """One in a forked child, where GNU OpenMP waits for threads that the parent kept; the bits are the same."""
    return 1 if _forked else threads


def load(specification: Specification, options: Mapping[str, Any]) -> Loaded:
    """Compile a kernel now, its adjoint when it is asked for."""
    threads: int = options["threads"]
    run, addressed = _filter(specification, threads)
    return Loaded(run, lambda: _adjoint(specification, threads), addressed)


def _filter(specification: Specification, threads: int) -> tuple[Filter, Addressed]:
    files = emit(specification, gradients=False)
    parameters = specification.program.parameters
    names = [p.name for p in parameters]
    table = next((p.name for p in parameters if p.size), "")
    real = "double" if specification.dtype == "float64" else "float"
    if takes_arrays(specification):
        return _filter_of_arrays(specification, files, threads)
    binding = render("binding.c", TEMPLATES, function=specification.function, real=real, parameters=names, table=table)
    library = shared_library({**files, "binding.c": binding}, openmp=threads > 1, defines=("WITHOUT_VJP",))
    general = _CFunction(library, specification, 2)
    packed = library.call_packed
    packed.argtypes, packed.restype = [ctypes.c_char_p], None
    pack = Struct(f"PPNN{''.join('P' if p.size else 'd' for p in parameters)}i").pack
    numbers = [float] * len(names)
    complete = _with_table(specification)

    def run(f: np.ndarray, u: np.ndarray, values: tuple[Value, ...]) -> None:
        address = _address(u)
        source = address if f is u else _address(f)
        samples = u.shape[-1]
        if list(map(type, values)) == numbers:
            packed(pack(source, address, u.size // samples, samples, *values, _usable(threads)))
        else:
            general((source, address, u.size // samples, samples), complete(values), _usable(threads))

    def plain(source: int, target: int, counts: tuple[int, ...], values: tuple[float, ...]) -> None:
        packed(pack(source, target, *counts, *values, _usable(threads)))

    def layered(source: int, target: int, counts: tuple[int, ...], values: tuple[int, ...]) -> None:
        general.layered(source, target, *counts, *values, _usable(threads))

    return run, Addressed(plain, layered)


def _filter_of_arrays(specification: Specification, files: Mapping[str, str], threads: int) -> tuple[Filter, Addressed]:
    """The filter of images or volumes."""
    axes = specification.grid.axes
    library = shared_library(files, openmp=threads > 1, defines=("WITHOUT_VJP",))
    call, complete = _CFunction(library, specification, 2, counts=1 + axes), _with_table(specification)

    def run(f: np.ndarray, u: np.ndarray, values: tuple[Value, ...]) -> None:
        size = u.shape[u.ndim - axes :]
        counts = u.size // math.prod(size), *size
        checked(call((_address(f), _address(u), *counts), complete(values), _usable(threads)), counts)

    def checked(failed: int, counts: tuple[int, ...]) -> None:
        if failed:
            raise MemoryError(f"no memory for filtering arrays of shape {counts}")

    def plain(source: int, target: int, counts: tuple[int, ...], values: tuple[float, ...]) -> None:
        checked(call.plain(source, target, *counts, *values, _usable(threads)), counts)

    def layered(source: int, target: int, counts: tuple[int, ...], values: tuple[int, ...]) -> None:
        checked(call.layered(source, target, *counts, *values, _usable(threads)), counts)

    return run, Addressed(plain, layered)


def _adjoint(specification: Specification, threads: int) -> Adjoint:
    library = shared_library(emit(specification), openmp=threads > 1)
    count = sum(max(1, p.size) for p in specification.program.parameters)
    call = _CFunction(library, specification, 4 if count else 3, "_vjp", counts=1 + specification.grid.axes)
    complete = _with_table(specification)

    def run(u: np.ndarray, cotangent: np.ndarray, values: tuple[Value, ...]) -> tuple[np.ndarray, np.ndarray]:
        grad = np.empty_like(u)
        gradients = np.zeros((count, specification.blocks))
        arrays = [_address(array) for array in (u, cotangent, grad, *[gradients] * bool(count))]
        if call((*arrays, *u.shape), complete(values), _usable(threads)):
            raise MemoryError(f"no memory for the adjoint of arrays of shape {u.shape}")
        return grad, gradients

    return run


def _with_table(specification: Specification) -> Callable[[tuple[Value, ...]], tuple[Value, ...]]:
    """The values of a call with the table of the spline itself, where they have none."""
    table, count = specification.stages.block.table, len(specification.program.parameters)
    if table is None:
        return lambda values: values
    own = table.numbers(specification.dtype)
    return lambda values: values if len(values) == count else (*values, own)


class _CFunction:
    """A function of a compiled kernel for one value of each parameter, and its sibling for layer-wise values.

    A table is a row of values, or one row for each block; both are arrays of the dtype of the kernel, without gaps.
    """

    def __init__(
        self, library: ctypes.CDLL, specification: Specification, arrays: int, suffix: str = "", counts: int = 2
    ) -> None:
        self._blocks = specification.blocks
        self._dtype = np.dtype(specification.dtype)
        name = specification.function + suffix
        real = ctypes.c_double if specification.dtype == "float64" else ctypes.c_float
        parameters = specification.program.parameters
        count = len(parameters)
        self._sizes = [p.size for p in parameters]
        shared = [ctypes.c_void_p] * arrays + [ctypes.c_size_t] * counts
        self.plain = getattr(library, name if suffix else f"{name}_threads")
        self.plain.argtypes = [*shared, *[ctypes.c_void_p if p.size else real for p in parameters], ctypes.c_int]
        self.plain.restype = ctypes.c_int if suffix or takes_arrays(specification) else None
        if count:
            self.layered = getattr(library, f"{name}_layers")
            self.layered.argtypes = [*shared, *[ctypes.c_void_p] * count, ctypes.c_int]
            self.layered.restype = self.plain.restype

    def __call__(self, arguments: tuple[Any, ...], values: tuple[Value, ...], threads: int) -> Any:
        for value, size in zip(values, self._sizes, strict=True):
            if isinstance(value, np.ndarray) and value.ndim > (size > 0):
                break
        else:
            plain = (v.ctypes.data if isinstance(v, np.ndarray) else v for v in values)
            return self.plain(*arguments, *plain, threads)
        # kept by this name until the call is over
        shapes = [(self._blocks, size) if size else (self._blocks,) for size in self._sizes]
        layers = [
            np.ascontiguousarray(v if np.shape(v) == s else np.broadcast_to(v, s), self._dtype)
            for v, s in zip(values, shapes, strict=True)
        ]
        return self.layered(*arguments, *map(_address, layers), threads)


_address_of, _from_buffer = ctypes.addressof, ctypes.c_char.from_buffer


def _address(array: np.ndarray) -> int:
    """Where a contiguous array begins."""
    try:
        return _address_of(_from_buffer(array.data))  # three times as fast as the other
    except TypeError:  # read-only
        return array.ctypes.data
