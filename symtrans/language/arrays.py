"""Values at which a formula is asked for, as arrays; NumPy is imported with the first of them."""

from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

from symtrans.errors import NonlinearityError

if TYPE_CHECKING:
    import numpy as np


def array_of(values: Any, what: str) -> "np.ndarray":
    """An array, or one clear error for a ragged list."""
    import numpy as np  # a sixth of the import of all, and symbolic work does without

    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise NonlinearityError(f"{what} takes no masked numbers; give them values with .filled(...)")
    if hasattr(values, "toarray"):  # of a sparse array NumPy makes one object
        raise NonlinearityError(f"{what} takes an array of numbers, not a sparse one; give it .toarray()")
    try:
        return np.asarray(values)
    except (ValueError, TypeError, RuntimeError) as error:  # the last of PyTorch, where a gradient is required
        refuse_traced(values, what)
        raise NonlinearityError(f"{what} takes an array of numbers: {error}") from None


def reals_of(values: Any, what: str) -> "np.ndarray":
    """An array of real numbers, or one clear error."""
    array = floats_of(array_of(values, what))
    if array.dtype.kind not in "fiub":
        raise NonlinearityError(f"{what} takes real numbers, not an array of {array.dtype}")
    return array


def floats_of(array: "np.ndarray") -> "np.ndarray":
    """An array of Fraction, Decimal or SymPy's Rational as one of floats; any other is itself."""
    if array.dtype == object and all(isinstance(one, Real | Decimal) for one in array.flat):
        return array.astype(float)
    return array


def refuse_traced(value: Any, what: str) -> None:
    """Refuse what JAX traces, as within jax.jit or jax.grad, with what can be traced."""
    if type(value).__module__.partition(".")[0] == "jax" and "Tracer" in type(value).__name__:
        raise NonlinearityError(
            f"{what} takes numbers, not what JAX traces (in jit, grad or vmap); symtrans.Network(...).source('jax') "
            "writes a function that JAX can trace, as does: symtrans generate NAME --target jax"
        )
