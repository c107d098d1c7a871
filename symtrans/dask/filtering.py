"""Filters of Dask arrays: the same bits as in one piece, however the array is cut."""

import logging
from collections.abc import Mapping
from math import prod
from typing import Any

import dask.array as da
import numpy as np

from symtrans.codegen.kernel import Kernel
from symtrans.codegen.network import Network
from symtrans.dask.halos import passed
from symtrans.dask.plan import STEP, Plan, plan
from symtrans.dask.travel import Task
from symtrans.errors import NonlinearityError, with_article
from symtrans.runtime.public import public, warn
from symtrans.schemes import EXPLICIT, FSI

_log = logging.getLogger("symtrans.dask")


@public
def filter(array: Any, network_or_kernel: Network | Kernel, /, **parameters: Any) -> Any:
    """Filter a Dask array, lazily, with the same bits as in one piece.

    Each chunk is filtered with as many samples of its neighbours as the blocks look far, which are thrown away after.
    So the result does not depend on the chunks, nor on the scheduler or its workers.

    Parameters
    ----------
    array : dask.array.Array of real numbers
        Its last axes are filtered, as by a kernel.
    network_or_kernel : Network or Kernel
        A network runs in C where there is a C kernel of it and a compiler here, else in NumPy, with a
        `FallbackWarning`; in float32 if the array is of float32, else in float64. A kernel is taken as it is.
    **parameters : float or array_like of shape (blocks,)
        Those of the kernel.

    Returns
    -------
    dask.array.Array
        Of the same chunks, unless some are smaller than their halo: those are joined, with a `PerformanceWarning`.

    Raises
    ------
    NonlinearityError
        If the array or a parameter does not fit, or the scheme couples all samples and the filtered axes are cut.

    Examples
    --------
    >>> import dask.array as da
    >>> from symtrans import Network, catalogue
    >>> network = Network(catalogue["huber"], blocks=32)
    >>> noisy = da.random.default_rng(0).normal(size=1_000_000, chunks=300_000)
    >>> filtered = filter(noisy, network, theta=1.345)
    >>> filtered.chunks
    ((300000, 300000, 300000, 100000),)
    >>> whole = network.compile()(noisy.compute(), theta=1.345)
    >>> bool((filtered.compute() == whole).all())
    True
    """
    array, kernel = checked(array), network_or_kernel
    if isinstance(kernel, Network):
        # chosen where the array is set up, one for all workers: C and NumPy agree only to rounding
        kernel = kernel.compile(dtype="float32" if array.dtype.newbyteorder("=") == np.float32 else "float64")
        _log.info("%s kernel, %s", kernel.target.upper(), kernel.dtype)
    if not isinstance(kernel, Kernel):
        raise NonlinearityError(
            f"{with_article(type(kernel).__name__)} is neither a Network nor a Kernel; give one, as "
            'symtrans.Network("huber", blocks=32), or of a module of PyTorch to_network()[0]'
        )
    kernel.bound(**parameters)  # what is wrong with them is told now, not by a worker
    grid = kernel.network.grid
    if array.ndim < grid.axes:
        raise NonlinearityError(f"an array of shape {array.shape}: a kernel needs {grid.axes_in_words}")
    if array.size == 0:
        return array.astype(kernel.dtype)
    found = _plan(array, kernel)
    array = _fitted(array, found, grid.channels)
    first = 0
    for blocks in found.passes:
        part = kernel if blocks == kernel.network.blocks else kernel.with_blocks(blocks)
        array = _passed(array, Task(part, _of_blocks(parameters, first, first + blocks)), part)
        first += blocks
    return array


def checked(array: Any) -> Any:
    """The array, if it is one of Dask that a kernel can filter.

    Raises
    ------
    NonlinearityError
    """
    if not isinstance(array, da.Array):
        hint = ""
        if hasattr(array, "variable"):  # xarray
            hint = '; of xarray: xarray.apply_ufunc(kernel, array, dask="allowed", ...), see docs/scale.md'
        raise NonlinearityError(f"filter takes a dask.array.Array, not a {type(array).__name__}{hint}")
    if array.dtype.kind not in "fiub":
        raise NonlinearityError(f"a signal is an array of real numbers, not of {array.dtype}")
    if not isinstance(array._meta, np.ndarray) or isinstance(array._meta, np.ma.MaskedArray):
        raise NonlinearityError(f"its chunks are {type(array._meta).__name__}s; a kernel filters arrays of NumPy")
    if np.isnan(array.shape).any():
        raise NonlinearityError(
            "the sizes of its chunks are unknown, so there is no telling where their neighbours are: "
            "call compute_chunk_sizes() on it first"
        )
    return array


def _plan(array: Any, kernel: Kernel) -> Plan:
    network = kernel.network
    axes = network.grid.dimensions
    chunks = array.chunks[array.ndim - axes :]
    if network.scheme not in (EXPLICIT, FSI):
        if any(len(sizes) > 1 for sizes in chunks):
            raise NonlinearityError.told(
                lambda remedy: (
                    f"the {network.scheme.name} scheme solves a system in which each sample depends on all "
                    f"others, so no halo is wide enough: leave the filtered axes whole, {remedy}, which goes as far "
                    "with explicit steps"
                ),
                f'array.rechunk({dict.fromkeys(range(array.ndim - axes, array.ndim), -1)}), or take scheme="fsi"',
                f"--chunks {','.join(str(sum(sizes)) for sizes in chunks)}, or take --scheme fsi",
            )
        return Plan((network.blocks,), chunks, 0.0)
    step = STEP.get(kernel.target, STEP["numpy"])
    rows = prod(array.shape[: array.ndim - axes])
    ring = network.boundary == "periodic"
    found = plan(chunks, network.blocks, network.cycle, ring=ring, rows=rows, step=step)
    _log.info("%d passes of at most %d blocks, %.3g core seconds", len(found.passes), found.passes[0], found.seconds)
    return found


def _fitted(array: Any, found: Plan, channels: bool) -> Any:
    """The array in chunks that the plan can do with."""
    before = array.chunks[: array.ndim - len(found.chunks)]
    if channels:
        before = (*before[:-1], (sum(before[-1]),))
    wanted = (*before, *found.chunks)
    if wanted == array.chunks:
        return array
    cause = "channels share one gradient" if wanted[: len(before)] != array.chunks[: len(before)] else ""
    small = f"a chunk is not to be smaller than the halo of {found.passes[0]} blocks"
    warn(
        f"chunks are joined, from {array.numblocks} to {tuple(map(len, wanted))}: {cause or small}",
        da.PerformanceWarning,
    )
    return array.rechunk(wanted)


def _of_blocks(parameters: Mapping[str, Any], first: int, last: int) -> dict[str, Any]:
    """The parameters of some blocks: of layer-wise ones, theirs."""
    return {
        name: np.asarray(value)[first:last] if isinstance(value, list | tuple) or np.ndim(value) else value
        for name, value in parameters.items()
    }


def _passed(array: Any, task: Task, kernel: Kernel) -> Any:
    """All blocks of one kernel, in one pass.

    What lies beyond a border between chunks is there, so deep that the error of its far end, where a chunk ends that
    the array does not, has not come to the border: it moves by one sample a step. Where the array ends, the chunk does,
    and the kernel does what it does there. A ring that is whole is left to the kernel.
    """
    network = kernel.network
    first = array.ndim - network.grid.dimensions
    reach = network.blocks * network.cycle
    depth = tuple(reach if axis >= first and count > 1 else 0 for axis, count in enumerate(array.numblocks))
    return passed(array, task, depth, kernel.dtype, ring=network.boundary == "periodic")
