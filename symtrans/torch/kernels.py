"""What computes the network of a recipe on tensors: its C kernel, and its plain-Torch source."""

import math
from functools import cached_property, lru_cache, partial
from typing import Any, NoReturn

import numpy as np
import torch
from torch import Tensor

from symtrans.codegen.tables import no_steeper, table_of
from symtrans.codegen.targets.loading import module_of
from symtrans.codegen.targets.target import Adjoint, Filter, Value
from symtrans.errors import CompilerError, NonlinearityError
from symtrans.runtime.c_compiler import find_compiler
from symtrans.torch.parametrizations import held
from symtrans.torch.recipe import UNIFORM, Assumptions, Recipe
from symtrans.torch.stencils import Stencil
from symtrans.torch.stencils import step as advanced

DTYPES = {torch.float32: "float32", torch.float64: "float64"}


@lru_cache(maxsize=1)
def has_compiler() -> bool:
    """Whether C kernels can be made here."""
    try:
        find_compiler()
    except CompilerError:
        return False
    return True


class Compiled:
    """The C kernel of a recipe; its adjoint is compiled when it is first asked for."""

    def __init__(self, recipe: str, dtype: torch.dtype, threads: int) -> None:
        read = Recipe.read(recipe)
        self.axes = read.axes + read.channels
        network = read.network
        self._kernel = network.compile("c", DTYPES[dtype], threads=threads)
        self._functions = self._kernel.functions
        assert self._functions.addressed is not None
        self._addressed = self._functions.addressed
        self._scalars = len(read.parameters)
        self._parameters, self._assumed = read.parameters, Assumptions(read.nonlinearity)
        table = table_of(network.activation.half, network.certificate.g_max.value)
        self._has_table = table is not None
        self._steepest = None if table is None or read.kind != UNIFORM else float(table.steepest)

    def refuse_contradiction(self, parameters: Tensor) -> None:
        """Refuse parameters that contradict what is assumed of them."""
        if self._assumed:
            numbers = parameters.detach().double().unbind(1)
            self._assumed.refuse_contradiction(
                {key: each.numpy() for key, each in zip(self._parameters, numbers, strict=True)}
            )

    def refuse_lost(self, parameters: Tensor) -> NoReturn:
        """Say why what came of numbers is none."""
        for rows in parameters.detach().double().unbind():
            values = (row.numpy() if len(row) > 1 else float(row) for row in rows[: self._scalars])
            named = dict(zip(self._parameters, values, strict=True))
            self._kernel.bound(**named)  # refuses those that overflow in a constant
        raise NonlinearityError(
            f"the output is not finite: differences overflow in {self._kernel.dtype}, since samples lie far apart; "
            "scale the signal and its parameters alike"
        )

    def takes_all_at_once(self, parameters: Tensor) -> bool:
        """Whether `filter` does: parameters of channels and tables, the kernel's own ones too, go other ways."""
        return parameters.shape[0] == 1 and not self._has_table

    def values(self, parameters: Tensor) -> list[tuple[Value, ...]]:
        """What the functions are called with for each channel: one number a parameter, or one for each block."""
        if parameters.shape[2] == 1 and self._steepest is None:  # the usual case, in a tenth of the time
            return [tuple(value for (value,) in rows) for rows in parameters.tolist()]
        return [self._of_channel(rows) for rows in parameters.detach()]

    def _of_channel(self, parameters: Tensor) -> tuple[Value, ...]:
        """Of (parameters, blocks or 1); a table is the last."""
        rows, layered = parameters[: self._scalars], parameters.shape[1] > 1
        scalars: tuple[Value, ...] = tuple(rows.double().contiguous().numpy() if layered else rows[:, 0].tolist())
        if self._steepest is None:
            return scalars
        tables = np.array(parameters[self._scalars :].numpy().T, order="C")
        return (*scalars, no_steeper(tables if layered else tables[0], self._steepest))

    def filter(self, u: Tensor, out: Tensor, parameters: Tensor) -> None:
        """Filter arrays of shape (..., N), without gaps, with the same parameters for all of them: no table."""
        size = tuple(u.shape)[-self.axes :]
        places = u.data_ptr(), out.data_ptr(), (u.numel() // math.prod(size), *size)
        if parameters.shape[2] == 1:
            self._addressed.plain(*places, tuple([value for (value,) in parameters.tolist()[0]]))
        else:
            rows = parameters[0].to(u.dtype).contiguous()
            first, each = rows.data_ptr(), rows.stride(0) * rows.element_size()
            self._addressed.layered(*places, tuple(range(first, first + len(rows) * each, each)))

    @cached_property
    def run(self) -> Filter:
        """Filters arrays of shape (signals, ..., N)."""
        return self._functions.run

    @cached_property
    def adjoint(self) -> Adjoint:
        """Gradients of such."""
        return self._functions.adjoint()


class Plain:
    """The plain-Torch source of a recipe: differentiable as often as one likes, on every device."""

    def __init__(self, recipe: str, dtype: torch.dtype) -> None:
        read = Recipe.read(recipe)
        self.blocks, self.axes = read.blocks, read.axes
        if read.kind == UNIFORM:
            grid = Stencil.of(read.network.grid)
            self.block = partial(_looked_up, float(read.step), float(read.bound), grid)
            return
        module = module_of(read.network.source("torch", DTYPES[dtype]))
        self.block = module.block
        self.flux: Any = module.differentiable

    def __call__(self, u: Tensor, parameters: Tensor) -> Tensor:
        """The network; arguments as those of the op."""
        if torch.jit.is_tracing() and torch.onnx.is_in_onnx_export():
            raise NonlinearityError("the old exporter to ONNX has no differences: torch.onnx.export(..., dynamo=True)")
        channels, _, layers = parameters.shape
        shape = [channels, *[1] * self.axes] if channels > 1 else []
        for k in range(self.blocks):
            values = parameters[:, :, k if layers > 1 else 0]
            u = self.block(u, *(value.reshape(shape) for value in values.unbind(1)))
        return u


def _looked_up(step: float, bound: float, grid: Stencil, u: Tensor, share: Tensor, *values: Tensor) -> Tensor:
    """A block whose Phi is linear between its values at 0, `step`, 2 `step`, ..., and beyond the last two."""
    table = torch.stack(values)
    rise = table[1:] - table[:-1]
    slopes, starts = rise / step, table[:-1] - torch.arange(len(rise), device=u.device) * rise

    def diffusivity(size: Tensor) -> Tensor:
        piece = torch.nan_to_num(size.detach() / step).clamp(max=len(rise) - 1).long()  # of NaN any: it remains
        return held(picked(slopes, piece) + picked(starts, piece) / torch.where(piece == 0, 1.0, size))

    return advanced(u, diffusivity, bound * share, grid)


def picked(table: Tensor, places: Tensor) -> Tensor:
    """``table[places]`` of one axis; on a CPU its gradient takes a tenth of the time.

    Examples
    --------
    >>> picked(torch.tensor([0.5, 2.0]), torch.tensor([[1, 0], [0, 1]])).tolist()
    [[2.0, 0.5], [0.5, 2.0]]
    """
    return table.gather(0, places.flatten()).view(places.shape)


compiled = lru_cache(maxsize=256)(Compiled)
_PLAIN: dict[str, Plain] = {}


def plain(recipe: str, dtype: torch.dtype) -> Plain:
    """The plain-Torch source, made once: where a graph is traced, before that reads it."""
    key = _made(recipe, dtype)
    return _PLAIN[key]


@torch.compiler.assume_constant_result  # type: ignore[untyped-decorator]
def _made(recipe: str, dtype: torch.dtype) -> str:
    key = f"{dtype} {recipe}"
    if key not in _PLAIN:
        _PLAIN[key] = Plain(recipe, dtype)
    return key
