"""A compiled network as a callable on NumPy arrays."""

import ctypes
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from symtrans.codegen.adjoint import vector_jacobian
from symtrans.codegen.compiler import shared_library
from symtrans.codegen.specification import Specification
from symtrans.errors import NonlinearityError, StabilityError
from symtrans.names import array_of, bind_parameters

if TYPE_CHECKING:
    from symtrans.codegen.network import Network

# Filters u in place: (contiguous array of shape (signals, samples), parameters in order).
InPlace = Callable[[np.ndarray, tuple[float, ...]], None]


class Kernel:
    """A network ready to run: ``kernel(u, lam=0.5)``.

    Made by `Network.compile`. It is stateless; threads may share it.
    """

    def __init__(self, network: "Network", specification: Specification, run: InPlace, target: str) -> None:
        self.network = network
        self.target = target
        self.dtype = np.dtype(specification.dtype)
        self._run = run
        self._symbols = tuple(symbol for _, _, symbol in specification.code.parameters)
        names = network._names()
        steps = {"tau": names.inward(network.tau), "h": names.inward(network.h)}
        self._positive = [(name, expr) for name, expr in steps.items() if expr.free_symbols]
        self._bound = _runtime_bound(network)

    def __repr__(self) -> str:
        words = ", ".join(key for _, key, _ in self.network.code.parameters)
        return (
            f"<{self.target} kernel of {self.network.blocks} blocks, {self.dtype.name}, parameters: {words or 'none'}>"
        )

    def __call__(self, u: Any, /, *, out: np.ndarray | None = None, **parameters: float) -> np.ndarray:
        """Filter signals along the last axis.

        Parameters
        ----------
        u : array_like of real numbers, shape (..., N)
            Any strides; it is not changed unless it is `out`.
        out : ndarray, shape (..., N), dtype of the kernel, optional
            Receives the result; may be `u` itself.
        **parameters : float
            One positive number for each parameter; lambda is ``lam``.

        Returns
        -------
        ndarray
            `out`, or a new array of the kernel's dtype.

        Raises
        ------
        NonlinearityError
            If an argument does not fit.
        StabilityError
            If the step is unstable for these parameters.
        """
        numbers = self._bind(parameters)
        signal = self._signal(u)
        if out is None:
            work = result = np.array(signal, dtype=self.dtype, order="C")
        else:
            self._check_out(out, signal.shape)
            # The kernel needs one contiguous block; any other view is filtered in a copy.
            work, result = out, out
            if not out.flags.c_contiguous or not out.flags.aligned:
                work = np.array(signal, dtype=self.dtype, order="C")
            elif out is not signal:
                out[...] = signal
        if work.size:
            self._run(work.reshape(-1, work.shape[-1]), tuple(numbers[s] for s in self._symbols))
        if work is not result:
            result[...] = work
        return result

    def vjp(self, u: Any, cotangent: Any, /, **parameters: float) -> tuple[np.ndarray, dict[str, float]]:
        """Vector-Jacobian product: gradients of sum(cotangent * kernel(u)).

        At a break of Phi the derivative is the limit from the origin's side;
        jumps contribute nothing. The forward states are kept: memory is
        `blocks` times that of `u`.

        Returns
        -------
        grad_u : ndarray, shape of `u`
        gradients : dict
            By keyword, the derivative by each parameter, summed over all signals.
        """
        numbers = self._bind(parameters)
        signal = self._signal(u).astype(np.float64)
        weights = array_of(cotangent, "vjp").astype(np.float64)
        if weights.shape != signal.shape:
            raise NonlinearityError(f"the cotangent has shape {weights.shape}, the signal {signal.shape}")
        grad, gradients = vector_jacobian(self.network, signal, weights, numbers)
        keys = {symbol: key for _, key, symbol in self.network.code.parameters}
        return grad.astype(self.dtype), {keys[s]: value for s, value in gradients.items()}

    def _bind(self, parameters: Mapping[str, Any]) -> dict[sp.Symbol, float]:
        numbers = bind_parameters(self._symbols, parameters)
        for name, expr in self._positive:
            value = float(expr.subs(numbers))
            if not (value > 0 and np.isfinite(value)):
                raise StabilityError(f"{name} = {value:g} for these parameters; it must be positive and finite")
        if self._bound is not None:
            tau, bound = (float(e.subs(numbers)) for e in self._bound)
            # one rounding of each side is forgiven: at equality both are exact
            if not tau <= bound * (1 + 4 * np.finfo(float).eps):
                raise StabilityError(
                    f"tau = {tau:g} is above the largest stable step {bound:g} for "
                    + ", ".join(f"{key} = {parameters[key]:g}" for key in parameters)
                    + '; take a smaller tau, or build the network with unstable="allow"'
                )
        return numbers

    def _signal(self, u: Any) -> np.ndarray:
        signal = array_of(u, "a kernel")
        if signal.dtype.kind not in "fiub":
            raise NonlinearityError(f"a signal is an array of real numbers, not of {signal.dtype}")
        if signal.ndim == 0:
            raise NonlinearityError("a signal needs at least one axis; the last is the one that is filtered")
        return signal

    def _check_out(self, out: Any, shape: tuple[int, ...]) -> None:
        if not isinstance(out, np.ndarray) or out.dtype != self.dtype or out.shape != shape:
            found = f"{out.dtype} array of shape {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
            raise NonlinearityError(f"out must be a {self.dtype.name} array of shape {shape}, not a {found}")
        if not out.flags.writeable:
            raise NonlinearityError("out is read-only")


def _runtime_bound(network: "Network") -> tuple[sp.Expr, sp.Expr] | None:
    """(tau, its bound) where they depend on parameters and must be compared at each call."""
    bound = network.certificate.max_min_step(network.h)
    if network.unstable or bound is None or bound is sp.oo:
        return None
    names = network._names()
    tau, limit = names.inward(network.tau), names.inward(bound)
    return None if not (tau.free_symbols | limit.free_symbols) else (tau, limit)


def load_c(files: Mapping[str, str], specification: Specification) -> InPlace:
    """Compile and wrap a C kernel."""
    library = shared_library(files)
    real = ctypes.c_double if specification.dtype == "float64" else ctypes.c_float
    function = getattr(library, specification.function)
    function.restype = None
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t]
    function.argtypes = [*function.argtypes, *[real] * len(specification.code.parameters)]

    def run(u: np.ndarray, values: tuple[float, ...]) -> None:
        address = u.ctypes.data
        function(address, address, u.shape[0], u.shape[1], *values)

    return run


def load_numpy(files: Mapping[str, str], specification: Specification) -> InPlace:
    """Load a generated NumPy module (our own text, made of whitelisted nodes only)."""
    (name, text), *_ = files.items()
    namespace: dict[str, Any] = {"__name__": specification.function}
    exec(compile(text, f"<symtrans {name}>", "exec"), namespace)
    function = namespace[specification.function]

    def run(u: np.ndarray, values: tuple[float, ...]) -> None:
        function(u, *values, out=u)

    return run
