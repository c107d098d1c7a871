"""A compiled network as a callable on NumPy arrays."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import sympy as sp

from symtrans.codegen.conditions import Condition
from symtrans.codegen.resemblance import LEAST, misread, plane_of
from symtrans.codegen.targets import target_of
from symtrans.codegen.targets.target import Addressed, Adjoint, Filter, Loaded, Value
from symtrans.errors import CompilerError, FallbackWarning, NonlinearityError, RowsWarning
from symtrans.language.arrays import array_of, floats_of
from symtrans.language.symbols import bind_parameters, keyword_of
from symtrans.runtime.frozen import Frozen
from symtrans.runtime.lazy_arrays import filtered, is_lazy
from symtrans.runtime.public import public, warn
from symtrans.runtime.signatures import CallSignature

_LARGEST = float("inf")
_POSITIVE = sp.Symbol("x", positive=True).assumptions0


class _Network(Protocol):
    def compile(self, target: str, dtype: str, *, clamp: bool | None, **options: Any) -> "Kernel": ...


def compiled(network: _Network, target: str, dtype: str, clamp: bool | None, options: Mapping[str, Any]) -> "Kernel":
    """A kernel from what it was made of: code does not travel, its recipe does."""
    return network.compile(target, dtype, clamp=clamp, **options)


def compiled_here(network: _Network, dtype: str, clamp: bool | None, options: Mapping[str, Any]) -> "Kernel":
    """The C kernel, or, with a warning, that of NumPy, for which options of C alone do not count."""
    c, numpy = target_of("c"), target_of("numpy")
    c.chosen(options, running=True)  # refuses one that does not exist
    try:
        return network.compile(c.name, dtype, clamp=clamp, **options)
    except CompilerError as error:
        why = str(error)
    known = {name: value for name, value in options.items() if name in numpy.options}
    fitting = {name: value for name, value in known.items() if numpy.options[name].fits(value)}
    kernel = network.compile(numpy.name, dtype, clamp=clamp, **fitting)
    warn(f"NumPy filters, more slowly than C would: {why}", FallbackWarning)
    return kernel


@public
class Kernel(Frozen):
    """A network ready to run: ``kernel(u, lam=0.5)``.

    Made by `Network.compile`. It is stateless; threads may share it. Another process, or a copy, makes it anew from
    its network and options.

    Examples
    --------
    >>> from symtrans import Network, catalogue
    >>> kernel = Network(catalogue["soft"], blocks=2).compile("numpy")
    >>> kernel
    <numpy kernel of 2 blocks, float64, parameters: theta>
    >>> kernel([0.0, 1.0, 5.0], theta=1.0).round(3)
    array([0.463, 1.244, 4.293])
    """

    network: Any
    target: str
    dtype: "np.dtype[Any]"
    _recipe: tuple[str, str, bool | None, Mapping[str, Any]]
    _run: Filter
    _load_adjoint: Callable[[], Adjoint]
    _addressed: Addressed | None
    _axes: int
    _symbols: tuple[sp.Symbol, ...]
    _keys: tuple[str, ...]
    _conditions: tuple[Condition, ...]
    _adjoint_condition: Callable[[], Condition]
    _only_positive: bool
    _unseen: bool
    _passed: tuple[Value, ...] | None

    def __init__(
        self,
        network: Any,
        recipe: tuple[str, str, bool | None, Mapping[str, Any]],
        symbols: tuple[sp.Symbol, ...],
        conditions: tuple[Condition, ...],
        adjoint_condition: Callable[[], Condition],
        loaded: Loaded,
    ) -> None:
        target, dtype, *_ = recipe
        self._set(network=network, target=target, dtype=np.dtype(dtype), _recipe=recipe)
        self._set(
            _run=loaded.run,
            _load_adjoint=loaded.adjoint,
            _addressed=loaded.addressed,
            _axes=network.grid.axes,
            _unseen=True,
            _passed=None,
        )
        self._set(_symbols=symbols, _keys=tuple(map(keyword_of, symbols)), _conditions=conditions)
        self._set(_adjoint_condition=adjoint_condition)
        # The common case, checked without SymPy at each call.
        self._set(_only_positive=all(symbol.assumptions0 == _POSITIVE for symbol in symbols))

    def __reduce__(self) -> tuple[Any, ...]:
        return compiled, (self.network, *self._recipe)

    def __repr__(self) -> str:
        words, blocks = ", ".join(self._keys) or "none", self.network.blocks
        many = f"{blocks} block{'' if blocks == 1 else 's'}"
        return f"<{self.target} kernel of {many}, {self.dtype.name}, parameters: {words}>"

    __signature__ = CallSignature(lambda kernel: kernel._keys)

    def __call__(self, u: Any, /, *, out: np.ndarray | None = None, **parameters: Any) -> Any:
        """Filter signals along the last axis, images along the last two, volumes along the last three.

        Parameters
        ----------
        u : array_like of real numbers, shape (..., N), (..., N1, N2) or (..., N1, N2, N3)
            Channels that share a nonlinearity stand on the axis before. Any strides; it is not changed unless it is
            `out`.
        out : ndarray, shape of `u`, dtype of the kernel, optional
            Receives the result; may be `u` itself.
        **parameters : float or array_like of shape (blocks,)
            One positive number for each parameter (lambda is ``lam``), or layer-wise values: one for each block.

        Returns
        -------
        ndarray
            `out`, or a new array of the kernel's dtype; of a Dask array, what `symtrans.dask.filter` makes of it.

        Raises
        ------
        NonlinearityError
            If an argument does not fit.
        StabilityError
            If the step of some block is unstable for these parameters.

        Examples
        --------
        >>> from symtrans import Diffusivity, Network
        >>> kernel = Network(Diffusivity("exp(-r^2/lambda^2)"), blocks=2, tau="tau").compile("numpy")
        >>> kernel([0.0, 1.0, 0.0], lam=2.0, tau=[0.25, 0.125]).round(3)
        array([0.244, 0.511, 0.244])
        """
        values = self._bind(parameters)
        axes = getattr(u, "ndim", 0)
        if axes > self._axes and self._unseen and (axes > 2 or u.shape[0] >= LEAST):
            self._look(u)
        if self._is_ready(u):  # as the kernel needs it: nothing to check, nothing to copy
            if out is None:
                out = np.empty(u.shape, self.dtype)
                self._run(u, out, values)
                return out
            if out is u or (self._is_ready(out) and out.shape == u.shape and not np.may_share_memory(u, out)):
                self._run(u, out, values)
                return out
        if is_lazy(u):
            if out is not None:
                raise NonlinearityError("out = ...: an array of Dask is computed later, and into its own chunks")
            return filtered(u, self, parameters)
        signal = self._signal(u)
        if out is not None:
            self._check_out(out, signal.shape)
        # The kernel needs contiguous blocks of its dtype; any other view is copied once.
        ready = out is None or (out.flags.c_contiguous and out.flags.aligned)
        target = np.empty(signal.shape, self.dtype) if out is None or not ready else out
        if (
            signal.dtype != self.dtype
            or not (signal.flags.c_contiguous and signal.flags.aligned)
            or not _apart(signal, target)
        ):
            target[...] = signal
            signal = target
        if target.size:
            self._run(signal, target, values)
        if out is None or ready:
            return target
        out[...] = target
        return out

    def vjp(self, u: Any, cotangent: Any, /, **parameters: Any) -> tuple[np.ndarray, dict[str, Any]]:
        """Vector-Jacobian product: gradients of sum(cotangent * kernel(u)).

        At a break of Phi the derivatives are those of the piece to which the
        break belongs (the inner one where Phi is continuous, the outer one where a spline is looked up), as automatic
        differentiation has it; jumps and clamping contribute nothing. Few states are kept:
        the signal before every 64th block (NumPy) or every 32nd (C), all others for one tile at a time.
        The adjoint of a C kernel is compiled when it is first asked for; any number of threads and any
        processor with the same rounding gives the same bits, also of the sums over samples.

        Parameters
        ----------
        u, cotangent : array_like of real numbers, shape (..., N), or as in a call
        **parameters : float or array_like of shape (blocks,)
            As in a call.

        Returns
        -------
        grad_u : ndarray, shape of `u`, dtype of the kernel
        gradients : dict
            By keyword, the derivative by each parameter, summed over all signals: a float, or for a
            layer-wise parameter an array of shape (blocks,).

        Examples
        --------
        >>> from symtrans import Diffusivity, Network
        >>> kernel = Network(Diffusivity("exp(-r^2/lambda^2)"), blocks=2).compile("numpy")
        >>> grad, by = kernel.vjp([0.0, 1.0, 0.0], [1.0, 0.0, 0.0], lam=[1.0, 2.0])
        >>> grad.round(3), by["lam"].round(3)
        (array([ 0.9  ,  0.114, -0.015]), array([0.095, 0.021]))
        """
        values = self._bind(parameters)
        self._of_adjoint(values, parameters)
        signal, weights = self._signal(u), self._signal(cotangent, "a cotangent")
        if weights.shape != signal.shape:
            raise NonlinearityError(f"the cotangent has shape {weights.shape}, the signal {signal.shape}")
        if signal.size:
            signal, weights = (np.ascontiguousarray(x, self.dtype) for x in (signal, weights))
            shape = (-1, *signal.shape[signal.ndim - self._axes :])
            grad, by_block = self._adjoint(signal.reshape(shape), weights.reshape(shape), values)
        else:
            grad, by_block = np.zeros(signal.shape, self.dtype), np.zeros((len(values), self.network.blocks))
        gradients = {
            key: row if isinstance(value, np.ndarray) else float(row.sum())
            for key, value, row in zip(self._keys, values, by_block, strict=False)
        }
        return grad.reshape(weights.shape), gradients

    @property
    def functions(self) -> Loaded:
        """What runs, for those who check its arguments themselves."""
        return Loaded(self._run, lambda: self._adjoint, self._addressed)

    @cached_property
    def _adjoint(self) -> Adjoint:
        return self._load_adjoint()

    @cached_property
    def _of_adjoint(self) -> Condition:
        return self._adjoint_condition()

    def bound(self, **parameters: Any) -> Callable[[np.ndarray, np.ndarray], None]:
        """What runs with these parameters: filters a contiguous array of the kernel's dtype into another, unchecked."""
        values = self._bind(parameters)
        return lambda f, u: self._run(f, u, values)

    def with_blocks(self, blocks: int) -> "Kernel":
        """The same kernel with another number of blocks."""
        return compiled(self.network.with_blocks(blocks), *self._recipe)

    def _bind(self, parameters: Mapping[str, Any]) -> tuple[Value, ...]:
        quick = self._quickly(parameters)
        if quick is not None and quick == self._passed:
            return quick
        values = self._layer_wise(parameters) if quick is None else quick
        if values is None:
            names = self.network.activation.names
            numbers = bind_parameters(self._symbols, names.own_values(parameters), self.network.blocks, names.others)
            values = tuple(numbers[symbol] for symbol in self._symbols)
        for condition in self._conditions:
            condition(values, parameters)
        self._set(_passed=quick)  # plain numbers that fulfil all conditions, to be known again at the next call
        return values

    def _quickly(self, parameters: Mapping[str, Any]) -> tuple[Value, ...] | None:
        """The values in order if they are plain positive numbers, by the right names; else None."""
        if not self._only_positive or len(parameters) != len(self._keys):
            return None
        values = []
        for key in self._keys:
            value = parameters.get(key)
            if not (isinstance(value, float) and 0.0 < value < _LARGEST):
                return None
            values.append(value)
        return tuple(values)

    def _layer_wise(self, parameters: Mapping[str, Any]) -> tuple[Value, ...] | None:
        """The same where some are arrays of one such number for each block."""
        values: tuple[Any, ...] = tuple(map(parameters.get, self._keys))
        if not self._only_positive or len(parameters) != len(values):
            return None
        for value in values:
            layered = type(value) is np.ndarray and value.dtype == float and value.shape == (self.network.blocks,)
            if not (layered or isinstance(value, float)) or not (np.min(value) > 0 and np.max(value) < _LARGEST):
                return None
        return values

    def _is_ready(self, u: Any) -> bool:
        """Whether an array can be handed to the kernel as it is, to be read and written."""
        return (
            type(u) is np.ndarray and u.dtype is self.dtype and u.size > 0 and u.ndim >= self._axes and u.flags.carray
        )

    def _look(self, u: Any) -> None:
        """Say so, once, if an array looks like an image and is filtered as something else."""
        if not isinstance(u, np.ndarray) or u.dtype.kind not in "fiu" or plane_of(u) is None:
            return
        self._set(_unseen=False)
        words = misread(u, self.network.grid)
        if words:
            off = "warnings.filterwarnings('ignore', category=symtrans.RowsWarning) switches this off"
            warn(f"{words} If it is meant so, {off}", RowsWarning)

    def _signal(self, u: Any, what: str = "a signal") -> np.ndarray:
        if self._axes == 1 and hasattr(u, "iloc") and np.ndim(u) > 1:  # pandas
            raise NonlinearityError("the signals of a DataFrame are its columns: give kernel(frame.to_numpy().T, ...)")
        signal = floats_of(u if type(u) is np.ndarray else array_of(u, "a kernel"))
        if signal.dtype.kind not in "fiub":
            raise NonlinearityError(f"{what} is an array of real numbers, not of {signal.dtype}")
        if signal.ndim < self._axes:
            raise NonlinearityError(f"{what} of shape {signal.shape}: it needs {self.network.grid.axes_in_words}")
        return signal

    def _check_out(self, out: Any, shape: tuple[int, ...]) -> None:
        if not isinstance(out, np.ndarray) or out.dtype != self.dtype or out.shape != shape:
            found = f"{out.dtype} array of shape {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
            raise NonlinearityError(f"out must be a {self.dtype.name} array of shape {shape}, not a {found}")
        if not out.flags.writeable:
            raise NonlinearityError("out is read-only")


def _apart(signal: np.ndarray, target: np.ndarray) -> bool:
    """Whether the two are one array or share no memory."""
    return signal is target or not np.may_share_memory(signal, target)
