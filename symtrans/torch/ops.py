"""One pair of ops for all networks, `symtrans::filter` and its gradient: C kernels on the CPU, named by their recipe.

An op for each network would get a name that depends on the order in which networks are made, and a graph that was
exported would not find it again. So there are two, and the recipe is an argument.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd import forward_ad

from symtrans.errors import NonlinearityError
from symtrans.torch.kernels import Compiled, compiled, plain

_LEAST = 2**15  # samples from which on a second thread is worth its start


# `torch.library.custom_op` would do the same, at ten times the cost of a call.
torch.library.define("symtrans::filter", "(Tensor u, Tensor parameters, str recipe, int threads) -> Tensor")
torch.library.define(
    "symtrans::filter_gradient",
    "(Tensor u, Tensor cotangent, Tensor parameters, str recipe, int threads) -> (Tensor, Tensor)",
)

filtered, gradients = torch.ops.symtrans.filter.default, torch.ops.symtrans.filter_gradient.default


def _filtered(u: Tensor, parameters: Tensor, recipe: str, threads: int) -> Tensor:
    """Filter signals along the last axes.

    Parameters
    ----------
    u : Tensor, shape (..., N), or (..., C, N) where parameters belong to channels
    parameters : Tensor, shape (C or 1, parameters, blocks or 1)
        In the order of the recipe; a table, one value after the other, is the last.
    recipe : str
    threads : int
        0: as many as Torch uses, if there is work for them.
    """
    out = torch.empty_like(u, memory_format=torch.contiguous_format)
    if u.numel():
        u = u.resolve_neg()  # the memory of a negative view holds -u
        _refuse_nan(u)
        kernel = _kernel(u, recipe, threads)
        kernel.refuse_contradiction(parameters)
        if kernel.takes_all_at_once(parameters):
            kernel.filter(u.contiguous(), out, parameters)
            return _kept(out, kernel, parameters)
        of_channels = kernel.values(parameters)
        sources, results = (_signals(each, kernel, len(of_channels)) for each in (u, out))
        for signal, result, values in zip(sources, results, of_channels, strict=True):
            if len(of_channels) == 1:
                kernel.run(signal, result, values)
            else:
                found = np.array(signal, order="C")  # a copy: what stands alone in its batch is the input itself
                kernel.run(found, found, values)
                result[...] = found
        return _kept(out, kernel, parameters)
    return out


def _gradients(u: Tensor, cotangent: Tensor, parameters: Tensor, recipe: str, threads: int) -> tuple[Tensor, Tensor]:
    """Gradients of sum(cotangent * filter(u)) by `u` and by `parameters`."""
    if not u.numel():
        return u.new_empty(u.shape), parameters.new_zeros(parameters.shape)
    channels, _, layers = parameters.shape
    kernel, by, found = _kernel(u, recipe, threads), np.empty(parameters.shape), []
    signals, weights = (_signals(each, kernel, channels) for each in (u, cotangent.to(u.dtype)))
    for k, values in enumerate(kernel.values(parameters)):
        pair = np.ascontiguousarray(signals[k]), np.ascontiguousarray(weights[k])
        grad, by_block = kernel.adjoint(*pair, values)
        by_block = by_block[: by.shape[1]]  # those of a table of the kernel's own are nobody's
        by[k] = by_block if layers > 1 else by_block.sum(1, keepdims=True)
        found.append(grad)
    whole = found[0] if channels == 1 else np.stack(found, 1)
    return torch.from_numpy(whole).view(u.shape), torch.from_numpy(by).to(parameters.dtype)


torch.library.impl("symtrans::filter", "cpu", _filtered)
torch.library.impl("symtrans::filter_gradient", "cpu", _gradients)


def _kernel(u: Tensor, recipe: str, threads: int) -> Compiled:
    worthwhile = 1 if u.numel() < _LEAST else torch.get_num_threads()
    return compiled(recipe, u.dtype, threads or worthwhile)


def _is_finite(u: Tensor) -> bool:
    return math.isfinite(float(u.sum())) or bool(torch.isfinite(u).all())


def _kept(out: Tensor, kernel: Compiled, parameters: Tensor) -> Tensor:
    """The output, if it is numbers: parameters that training has led too far make none."""
    if not _is_finite(out):
        kernel.refuse_lost(parameters)
    return out


def _refuse_nan(u: Tensor) -> None:
    if not _is_finite(u):
        raise NonlinearityError(
            "the signal holds NaN or infinity, which would spread to its neighbours in every block; "
            "replace it first, for example by torch.nan_to_num"
        )


def _signals(tensor: Tensor, kernel: Compiled, channels: int) -> list[np.ndarray]:
    """For each set of parameters the signals that it is for, of shape (signals, ..., N)."""
    array = tensor.contiguous().numpy()
    if channels == 1 and array.ndim == kernel.axes + 1:
        return [array]
    spatial = array.shape[array.ndim - kernel.axes :]
    if channels == 1:
        return [array.reshape(-1, *spatial)]
    array = array.reshape(-1, channels, *spatial)
    return [array[:, k] for k in range(channels)]


@torch.library.register_fake("symtrans::filter")
def _(u: Tensor, parameters: Tensor, recipe: str, threads: int) -> Tensor:
    return u.new_empty(u.shape)


@torch.library.register_fake("symtrans::filter_gradient")
def _(u: Tensor, cotangent: Tensor, parameters: Tensor, recipe: str, threads: int) -> tuple[Tensor, Tensor]:
    return u.new_empty(u.shape), parameters.new_empty(parameters.shape)


def _remember(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
    u, parameters, ctx.recipe, ctx.threads = inputs
    ctx.save_for_backward(u, parameters)
    ctx.save_for_forward(u, parameters)


def _backward(ctx: Any, cotangent: Tensor) -> tuple[Any, ...]:
    u, parameters = ctx.saved_tensors
    if torch.is_grad_enabled():  # derivatives of derivatives go through the plain source
        # a transform of torch.func takes no graph for granted: one that made u may have ended (torch.func.vjp)
        _, pull = torch.func.vjp(plain(ctx.recipe, u.dtype), u, parameters)
        by = pull(cotangent)
    else:
        by = gradients(u, cotangent, parameters, ctx.recipe, ctx.threads)
    return *(each if needed else None for each, needed in zip(by, ctx.needs_input_grad, strict=False)), None, None


torch.library.register_autograd("symtrans::filter", _backward, setup_context=_remember)


def _along(ctx: Any, *tangents: Tensor) -> Tensor:
    """The derivative in a direction, forwards: of the plain source, whose gradient J^T w is linear in w."""
    u, parameters = ctx.saved_tensors
    value, pull = torch.func.vjp(plain(ctx.recipe, u.dtype), u, parameters)
    _, push = torch.func.vjp(pull, torch.zeros_like(value))
    return push(tangents[:2])[0]  # type: ignore[no-any-return]


class Filter(torch.autograd.Function):
    """The op with the same derivatives where `torch.func` takes them, which those of an op do not serve."""

    @staticmethod
    def forward(u: Tensor, parameters: Tensor, recipe: str, threads: int) -> Tensor:
        """The op."""
        return filtered(u, parameters, recipe, threads)  # type: ignore[no-any-return]

    setup_context = staticmethod(_remember)
    backward = staticmethod(_backward)

    @staticmethod
    def vmap(info: Any, in_dims: Any, u: Tensor, parameters: Tensor, recipe: str, threads: int) -> Any:
        """The same over a batch."""
        return _mapped(info, in_dims, u, parameters, recipe, threads, Filter.apply)


class FilterForwards(Filter):
    """The same with derivatives forwards, which torch.compile refuses."""

    jvp = staticmethod(_along)

    @staticmethod
    def vmap(info: Any, in_dims: Any, u: Tensor, parameters: Tensor, recipe: str, threads: int) -> Any:
        """The same over a batch."""
        return _mapped(info, in_dims, u, parameters, recipe, threads, FilterForwards.apply)


def _refuse(ctx: Any, *cotangents: Tensor) -> None:
    raise NonlinearityError("symtrans::filter_gradient has no derivative; differentiate symtrans::filter twice")


torch.library.register_autograd("symtrans::filter_gradient", _refuse)


def _mapped(
    info: Any, in_dims: Any, u: Tensor, parameters: Tensor, recipe: str, threads: int, function: Any = filtered
) -> tuple[Tensor, int]:
    if in_dims[1] is None:
        return function(u.movedim(in_dims[0], 0), parameters, recipe, threads), 0
    each = _each(info, in_dims[:2], u, parameters)
    return torch.stack([function(*pair, recipe, threads) for pair in each]), 0


torch.library.register_vmap("symtrans::filter", _mapped)


@torch.library.register_vmap("symtrans::filter_gradient")
def _(info: Any, in_dims: Any, u: Tensor, cotangent: Tensor, parameters: Tensor, recipe: str, threads: int) -> Any:
    each = _each(info, in_dims[:3], u, cotangent, parameters)
    found = [gradients(*three, recipe, threads) for three in each]
    return tuple(torch.stack(parts) for parts in zip(*found, strict=True)), (0, 0)


def _each(info: Any, in_dims: Any, *tensors: Tensor) -> Any:
    """The tensors one member of the batch after the other."""
    parts = (
        [tensor] * info.batch_size if axis is None else tensor.unbind(axis)
        for tensor, axis in zip(tensors, in_dims, strict=True)
    )
    return zip(*parts, strict=True)


class Direct(torch.autograd.Function):
    """The op without PyTorch's dispatcher, at half its cost: for tensors on the CPU that nobody else looks at."""

    @staticmethod
    def forward(ctx: Any, u: Tensor, parameters: Tensor, recipe: str, threads: int) -> Tensor:
        """The op."""
        _remember(ctx, (u, parameters, recipe, threads), None)
        return _filtered(u, parameters, recipe, threads)

    backward = staticmethod(_backward)
    jvp = staticmethod(_along)


def _is_watched(u: Tensor, parameters: Tensor) -> bool:
    """Whether a tracer, a mode or a kind of tensor of its own must see the op."""
    return (
        type(u) is not Tensor
        or type(parameters) is not Tensor
        or torch._C._len_torch_dispatch_stack() > 0
        or torch.jit.is_tracing()
    )


def applied(u: Tensor, parameters: Tensor, recipe: str) -> Tensor:
    """The op; as a `Filter` where a graph is traced or `torch.func` is at work, which has its price.

    ONNX has no ops of ours, so what is exported there is the plain source.
    """
    is_traced = torch.jit.is_tracing() or torch.compiler.is_exporting()
    if is_traced and torch.onnx.is_in_onnx_export():
        return plain(recipe, u.dtype)(u, parameters)  # type: ignore[no-any-return]
    if torch.compiler.is_compiling():
        return Filter.apply(u, parameters, recipe, 0)  # type: ignore[no-any-return]
    if torch._C._are_functorch_transforms_active():
        return FilterForwards.apply(u, parameters, recipe, 0)  # type: ignore[no-any-return]
    if _is_watched(u, parameters):
        return filtered(u, parameters, recipe, 0)  # type: ignore[no-any-return]
    forwards = forward_ad._current_level >= 0  # there may be tangents, with or without gradients
    if forwards or (torch.is_grad_enabled() and (u.requires_grad or parameters.requires_grad)):
        return Direct.apply(u, parameters, recipe, 0)  # type: ignore[no-any-return]
    return _filtered(u, parameters, recipe, 0)
