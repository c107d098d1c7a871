"""A compiled network as a callable on NumPy arrays."""

import ctypes
from collections.abc import Callable, Mapping
from functools import cached_property
from struct import Struct
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from symtrans.codegen.specification import Specification
from symtrans.errors import NonlinearityError, StabilityError
from symtrans.language.symbols import array_of, bind_parameters, keyword_of
from symtrans.runtime.c_compiler import shared_library
from symtrans.runtime.templates import render

if TYPE_CHECKING:
    from symtrans.codegen.network import Network

# A number, or an array of one number for each block.
Value = float | np.ndarray
# Filters f into u: (two contiguous arrays of shape (..., samples), the same one or apart; parameters in order).
Filter = Callable[[np.ndarray, np.ndarray, tuple[Value, ...]], None]
# (signals, cotangents, parameters in order) -> gradients by the signals; by each parameter (rows) and block (columns).
Adjoint = Callable[[np.ndarray, np.ndarray, tuple[Value, ...]], tuple[np.ndarray, np.ndarray]]

_LARGEST = float("inf")
_POSITIVE = sp.Symbol("x", positive=True).assumptions0


class Kernel:
    """A network ready to run: ``kernel(u, lam=0.5)``.

    Made by `Network.compile`. It is stateless; threads may share it.

    Examples
    --------
    >>> from symtrans import Network, catalogue
    >>> kernel = Network(catalogue["soft"], blocks=2).compile("numpy")
    >>> kernel
    <numpy kernel of 2 blocks, float64, parameters: theta>
    >>> kernel([0.0, 1.0, 5.0], theta=1.0).round(3)
    array([0.463, 1.244, 4.293])
    """

    def __init__(
        self,
        network: "Network",
        specification: Specification,
        run: Filter,
        adjoint: Callable[[], Adjoint],
        target: str,
    ) -> None:
        self.network = network
        self.target = target
        self.dtype = np.dtype(specification.dtype)
        self._run = run
        self._load_adjoint = adjoint
        self._symbols = tuple(symbol for _, _, symbol in specification.code.parameters)
        self._keys = tuple(map(keyword_of, self._symbols))
        # The common case, checked without SymPy at each call.
        self._only_positive = all(symbol.assumptions0 == _POSITIVE for symbol in self._symbols)
        self._conditions = _conditions(network, self._symbols)

    def __repr__(self) -> str:
        words = ", ".join(key for _, key, _ in self.network.code.parameters)
        return (
            f"<{self.target} kernel of {self.network.blocks} blocks, {self.dtype.name}, parameters: {words or 'none'}>"
        )

    def __call__(self, u: Any, /, *, out: np.ndarray | None = None, **parameters: Any) -> np.ndarray:
        """Filter signals along the last axis.

        Parameters
        ----------
        u : array_like of real numbers, shape (..., N)
            Any strides; it is not changed unless it is `out`.
        out : ndarray, shape (..., N), dtype of the kernel, optional
            Receives the result; may be `u` itself.
        **parameters : float or array_like of shape (blocks,)
            One positive number for each parameter (lambda is ``lam``), or layer-wise values: one for each block.

        Returns
        -------
        ndarray
            `out`, or a new array of the kernel's dtype.

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
        if self._is_ready(u):  # as the kernel needs it: nothing to check, nothing to copy
            if out is None:
                out = np.empty(u.shape, self.dtype)
                self._run(u, out, values)
                return out
            if out is u or (self._is_ready(out) and out.shape == u.shape and not np.may_share_memory(u, out)):
                self._run(u, out, values)
                return out
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
        break belongs (the inner one where Phi is continuous), as automatic
        differentiation has it; jumps and clamping contribute nothing. Few states are kept:
        the signal before every 64th block (NumPy) or every 32nd (C), all others for one tile at a time.
        The adjoint of a C kernel is compiled when it is first asked for; any number of threads and any
        processor with the same rounding gives the same bits, also of the sums over samples.

        Parameters
        ----------
        u, cotangent : array_like of real numbers, shape (..., N)
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
        signal, weights = self._signal(u), self._signal(cotangent, "a cotangent")
        if weights.shape != signal.shape:
            raise NonlinearityError(f"the cotangent has shape {weights.shape}, the signal {signal.shape}")
        if signal.size:
            signal, weights = (np.ascontiguousarray(x, self.dtype) for x in (signal, weights))
            shape = (-1, signal.shape[-1])
            grad, by_block = self._adjoint(signal.reshape(shape), weights.reshape(shape), values)
        else:
            grad, by_block = np.zeros(signal.shape, self.dtype), np.zeros((len(values), self.network.blocks))
        gradients = {
            key: row if isinstance(value, np.ndarray) else float(row.sum())
            for key, value, row in zip(self._keys, values, by_block, strict=True)
        }
        return grad.reshape(weights.shape), gradients

    @cached_property
    def _adjoint(self) -> Adjoint:
        return self._load_adjoint()

    def _bind(self, parameters: Mapping[str, Any]) -> tuple[Value, ...]:
        values = self._quickly(parameters)
        if values is None:
            numbers = bind_parameters(self._symbols, parameters, self.network.blocks)
            values = tuple(numbers[symbol] for symbol in self._symbols)
        for condition in self._conditions:
            condition(values, parameters)
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

    def _is_ready(self, u: Any) -> bool:
        """Whether an array can be handed to the kernel as it is, to be read and written."""
        return type(u) is np.ndarray and u.dtype is self.dtype and u.size > 0 and u.ndim > 0 and u.flags.carray

    def _signal(self, u: Any, what: str = "a signal") -> np.ndarray:
        signal = u if type(u) is np.ndarray else array_of(u, "a kernel")
        if signal.dtype.kind not in "fiub":
            raise NonlinearityError(f"{what} is an array of real numbers, not of {signal.dtype}")
        if signal.ndim == 0:
            raise NonlinearityError(f"{what} needs at least one axis; the last is the one that is filtered")
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


Condition = Callable[[tuple[Value, ...], Mapping[str, Any]], None]


def _conditions(network: "Network", symbols: tuple[sp.Symbol, ...]) -> tuple[Condition, ...]:
    """What must hold at each call, in every block, where it depends on parameters."""
    names = network._names()
    conditions = []
    for name, expr in (("tau", names.inward(network.tau)), ("h", names.inward(network.h))):
        if expr.free_symbols:
            conditions.append(_positive(name, _numeric(symbols, expr)))
    bound = network.certificate.max_min_step(network.h)
    if not network.unstable and bound is not None and bound is not sp.oo:
        tau, limit = names.inward(network.tau), names.inward(bound)
        if tau.free_symbols | limit.free_symbols:
            conditions.append(_stable(_numeric(symbols, tau), _numeric(symbols, limit)))
    return tuple(conditions)


def _numeric(symbols: tuple[sp.Symbol, ...], expr: sp.Expr) -> Callable[..., Value]:
    """A formula as a function of numbers; a case that does not apply may divide by zero."""
    function = sp.lambdify(symbols, expr, "numpy")

    def value(*numbers: Value) -> Value:
        with np.errstate(all="ignore"):
            return function(*(np.asarray(number, float)[()] for number in numbers))  # type: ignore[no-any-return]

    return value


def _positive(name: str, expression: Callable[..., Value]) -> Condition:
    def check(values: tuple[Value, ...], parameters: Mapping[str, Any]) -> None:
        found = np.atleast_1d(expression(*values))
        wrong = np.flatnonzero(~((found > 0) & np.isfinite(found)))
        if wrong.size:
            raise StabilityError(
                f"{name} = {found[wrong[0]]:g} for {_listing(parameters, wrong[0])}; it must be positive and finite"
            )

    return check


def _stable(step: Callable[..., Value], limit: Callable[..., Value]) -> Condition:
    # one rounding of each side is forgiven: at equality both are exact
    forgiven = 1 + 4 * float(np.finfo(float).eps)

    def check(values: tuple[Value, ...], parameters: Mapping[str, Any]) -> None:
        tau, bound = np.broadcast_arrays(*np.atleast_1d(step(*values), limit(*values)))
        wrong = np.flatnonzero(~(tau <= bound * forgiven))
        if wrong.size:
            k = wrong[0]
            raise StabilityError(
                f"tau = {tau[k]:g} is above the largest stable step {bound[k]:g} for {_listing(parameters, k)}; "
                'take a smaller tau, or build the network with unstable="allow"'
            )

    return check


def _listing(parameters: Mapping[str, Any], block: int) -> str:
    """The values of the parameters, of a layer-wise one that of the block."""
    layered = any(np.ndim(value) for value in parameters.values())
    values = {key: np.ravel(value)[block if np.ndim(value) else 0] for key, value in parameters.items()}
    text = ", ".join(f"{key} = {float(value):g}" for key, value in values.items())
    return f"{text} (block {block})" if layered else text


def load_c(files: Mapping[str, str], specification: Specification, threads: int) -> Filter:
    """Compile and wrap a C kernel."""
    names = [name for name, _, _ in specification.code.parameters]
    real = "double" if specification.dtype == "float64" else "float"
    binding = render("c/binding.c", function=specification.function, real=real, parameters=names)
    library = shared_library({**files, "binding.c": binding}, openmp=threads > 1, defines=("WITHOUT_VJP",))
    general = _CFunction(library, specification, 2)
    packed = library.call_packed
    packed.argtypes, packed.restype = [ctypes.c_char_p], None
    pack = Struct(f"PPNN{'d' * len(names)}i").pack
    numbers = [float] * len(names)

    def run(f: np.ndarray, u: np.ndarray, values: tuple[Value, ...]) -> None:
        address = _address(u)
        source = address if f is u else _address(f)
        samples = u.shape[-1]
        if list(map(type, values)) == numbers:
            packed(pack(source, address, u.size // samples, samples, *values, threads))
        else:
            general((source, address, u.size // samples, samples), values, threads)

    return run


def load_c_adjoint(files: Mapping[str, str], specification: Specification, threads: int) -> Adjoint:
    """Compile and wrap the adjoint of a C kernel."""
    library = shared_library(files, openmp=threads > 1)
    count = len(specification.code.parameters)
    call = _CFunction(library, specification, 4 if count else 3, "_vjp")

    def run(u: np.ndarray, cotangent: np.ndarray, values: tuple[Value, ...]) -> tuple[np.ndarray, np.ndarray]:
        grad = np.empty_like(u)
        gradients = np.zeros((count, specification.blocks))
        arrays = [_address(array) for array in (u, cotangent, grad, *[gradients] * bool(count))]
        if call((*arrays, *u.shape), values, threads):
            raise MemoryError(f"no memory for the adjoint of {u.shape[0]} signals of {u.shape[1]} samples")
        return grad, gradients

    return run


class _CFunction:
    """A function of a compiled kernel for one value of each parameter, and its sibling for layer-wise values."""

    def __init__(self, library: ctypes.CDLL, specification: Specification, arrays: int, suffix: str = "") -> None:
        self._blocks = specification.blocks
        self._dtype = np.dtype(specification.dtype)
        name = specification.function + suffix
        real = ctypes.c_double if specification.dtype == "float64" else ctypes.c_float
        count = len(specification.code.parameters)
        shared = [ctypes.c_void_p] * arrays + [ctypes.c_size_t] * 2
        self._plain = getattr(library, name if suffix else f"{name}_threads")
        self._plain.argtypes = [*shared, *[real] * count, ctypes.c_int]
        self._plain.restype = ctypes.c_int if suffix else None
        if count:
            self._layered = getattr(library, f"{name}_layers")
            self._layered.argtypes = [*shared, *[ctypes.c_void_p] * count, ctypes.c_int]
            self._layered.restype = self._plain.restype

    def __call__(self, arguments: tuple[Any, ...], values: tuple[Value, ...], threads: int) -> Any:
        for value in values:
            if isinstance(value, np.ndarray):
                break
        else:
            return self._plain(*arguments, *values, threads)
        # kept by this name until the call is over
        layers = [np.array(np.broadcast_to(value, self._blocks), self._dtype) for value in values]
        return self._layered(*arguments, *[layer.ctypes.data for layer in layers], threads)


_address_of, _from_buffer = ctypes.addressof, ctypes.c_char.from_buffer


def _address(array: np.ndarray) -> int:
    """Where a contiguous array begins."""
    try:
        return _address_of(_from_buffer(array.data))  # three times as fast as the other
    except TypeError:  # read-only
        return array.ctypes.data


def load_numpy(files: Mapping[str, str], specification: Specification) -> Filter:
    """Load a generated NumPy module."""
    function = _module(files, specification)[specification.function]

    def run(f: np.ndarray, u: np.ndarray, values: tuple[Value, ...]) -> None:
        shape = (-1, u.shape[-1])
        function(f.reshape(shape), *values, out=u.reshape(shape))

    return run


def load_numpy_adjoint(files: Mapping[str, str], specification: Specification) -> Adjoint:
    """Load the adjoint of a generated NumPy module."""
    function = _module(files, specification)[f"{specification.function}_vjp"]

    def run(u: np.ndarray, cotangent: np.ndarray, values: tuple[Value, ...]) -> tuple[np.ndarray, np.ndarray]:
        grad, by_block = function(u, cotangent, *values)
        return grad, by_block

    return run


def _module(files: Mapping[str, str], specification: Specification) -> dict[str, Any]:
    """The names of a generated module (our own text, made of whitelisted nodes only)."""
    (name, text), *_ = files.items()
    namespace: dict[str, Any] = {"__name__": specification.function}
    exec(compile(text, f"<symtrans {name}>", "exec"), namespace)
    return namespace
