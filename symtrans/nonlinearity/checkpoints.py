"""Learned activations from the state dicts of the libraries that publish them: which arrays, and how they act together.

A layout names the arrays of one module by the ends of their keys. What a file does not hold, as the range of the knots,
is an argument, with the value that was published where there is one.
"""

from collections.abc import Mapping
from numbers import Integral
from typing import Any, NamedTuple

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.language.arrays import reals_of
from symtrans.language.symbols import number_of
from symtrans.nonlinearity.kinds import Activation
from symtrans.nonlinearity.learned import gaussians, projected, splines
from symtrans.runtime.public import public


class Layout(NamedTuple):
    """Where a library keeps its activations.

    Attributes
    ----------
    keys : tuple of str
        What the keys of the arrays end in.
    optional : tuple of str
        Those of arrays that may be absent.
    reach : float or None
        Knots or means lie in [-reach, reach], where the papers have one range.
    """

    keys: tuple[str, ...]
    optional: tuple[str, ...] = ()
    reach: float | None = None


LAYOUTS: Mapping[str, Layout] = {
    "convex-ridge": Layout(("coefficients_vect",)),
    "weakly-convex-ridge": Layout(("activation_cvx.coefficients", "activation_ccv.coefficients", "mu_"), (), 0.1),
    "deep-spline": Layout(("coefficients_vect",), ("scaling_coeffs_vect",)),
    "trained-diffusion": Layout(("weights",), (), 310.0),
    "variational-network": Layout(("weights",), (), 0.25),
}
"""By family of papers: [1] to [5] of `read`."""


@public
def read(
    state: Mapping[str, Any],
    layout: str,
    *,
    prefix: str = "",
    activations: int | None = None,
    reach: float | None = None,
    scale: Any = None,
    rho: float = 1.0,
    gamma: float | None = None,
    odd_part: bool = False,
) -> tuple[Activation, ...]:
    """The activations that a published state dict holds, as they act: projected, combined and scaled.

    Parameters
    ----------
    state : mapping of str to array_like
        As `torch.load` gives it, or arrays by name.
    layout : str
        One of `LAYOUTS`.
    prefix : str
        What the keys of the module begin with, if there are several.
    activations : int, optional
        How many there are, of a flat vector of coefficients, [1] and [3].
    reach : float, optional
        Knots or means lie in [-reach, reach]; 0.1 of [2], 310 of [4], 0.25 of [5].
    scale : float or array_like, optional
        alpha of [2], which depends on the noise: Phi = (e^mu f(alpha x) - rho h(alpha x))/alpha; that of [3] is in
        its file.
    rho : float
        Of [2]: 1 is weakly convex, 0 convex.
    gamma : float, optional
        The width of the Gaussians; 10 of [4], of [5] the distance of two means.
    odd_part : bool
        Whether (f(x) - f(-x))/2 is taken of one that is not odd.

    Raises
    ------
    NonlinearityError
        If an array is missing, ambiguous or of another shape, saying what there is.

    Notes
    -----
    Where the layouts come from:

    - [1] A. Goujon et al., A neural-network-based convex regularizer for inverse problems, 2023.
    - [2] A. Goujon, S. Neumayer, M. Unser, Learning weakly convex regularizers for convergent image-reconstruction
      algorithms, 2024.
    - [3] S. Ducotterd et al., Improving Lipschitz-constrained neural networks by learning activation functions, 2024.
    - [4] Y. Chen, T. Pock, Trainable nonlinear reaction diffusion, 2017; weights of shape (means, 1, activations).
    - [5] K. Hammernik et al., Learning a variational network for reconstruction of accelerated MRI data, 2018.

    Examples
    --------
    >>> state = {"activation.coefficients_vect": [-9.0, -1.0, 0.0, 1.0, 9.0]}
    >>> read(state, "convex-ridge", activations=1, reach=2)
    (Activation.from_knots([0, 1, 2], [0, 1, 1], tail='linear'),)
    """
    if not isinstance(layout, str) or layout not in LAYOUTS:
        raise NonlinearityError(f"layout = {layout!r} is none of {', '.join(LAYOUTS)}")
    arrays = _arrays(state, layout, prefix)
    reach = LAYOUTS[layout].reach if reach is None else number_of(reach, "reach")
    if reach is None:
        raise NonlinearityError(f"files of {layout!r} do not say where the knots lie; give reach, as in their training")
    if "weights" in arrays:
        weights = _by_activation(arrays["weights"], layout)
        width = 2 * reach / max(weights.shape[-1] - 1, 1) if layout == "variational-network" else 10.0
        found = gaussians(weights, -reach, reach, width if gamma is None else gamma, odd_part=odd_part)
        return tuple(phi for phi, _ in found)
    if layout == "weakly-convex-ridge":
        values, projection = _two_parts(arrays, reach, number_of(rho, "rho")), "none"
    else:
        values, projection = _split(arrays["coefficients_vect"], activations), layout
    if scale is None:
        scale = np.ravel(arrays.get("scaling_coeffs_vect", 1.0))
    return splines(values, -reach, reach, projection=projection, scale=scale, odd_part=odd_part)


def _by_activation(weights: np.ndarray, layout: str) -> np.ndarray:
    """Weights of Gaussians, one row for each activation."""
    if layout == "variational-network":
        return np.atleast_1d(weights)
    if weights.ndim != 3 or weights.shape[1] != 1:
        raise NonlinearityError(f"weights have the shape {weights.shape}; of {layout!r} it is (means, 1, activations)")
    return weights[:, 0].T


def _two_parts(arrays: Mapping[str, np.ndarray], reach: float, rho: float) -> np.ndarray:
    """e^mu times the rising part, less rho times the other."""
    rising, falling, mu = (arrays[key] for key in LAYOUTS["weakly-convex-ridge"].keys)
    if rising.shape != falling.shape or mu.size != 1:
        raise NonlinearityError(
            f"the two parts have the shapes {rising.shape} and {falling.shape}, and mu_ {mu.shape}; "
            "both parts have one shape, and mu_ is one number"
        )
    up, down = (projected(part, -reach, reach, "weakly-convex-ridge") for part in (rising, falling))
    return np.asarray(np.exp(mu.item()) * up - rho * down)


def _split(flat: np.ndarray, activations: Any) -> np.ndarray:
    """A flat vector of coefficients as one row for each activation."""
    is_count = isinstance(activations, Integral) and not isinstance(activations, bool) and int(activations) > 0
    if flat.ndim != 1 or not is_count or flat.size % activations:
        raise NonlinearityError(
            f"coefficients_vect has the shape {flat.shape}, with activations = {activations!r}; it is a flat vector: "
            "give of how many activations, a divisor of its length"
        )
    return flat.reshape(int(activations), -1)


def _arrays(state: Mapping[str, Any], layout: str, prefix: str) -> dict[str, np.ndarray]:
    """The arrays of the layout by the ends of their keys."""
    if not isinstance(prefix, str):
        raise NonlinearityError(f"prefix = {prefix!r} is no text")
    if not isinstance(state, Mapping):
        raise NonlinearityError(f"a {type(state).__name__} is no state dict; give arrays by name, as torch.load does")
    found: dict[str, np.ndarray] = {}
    wanted = LAYOUTS[layout]
    for end in (*wanted.keys, *wanted.optional):
        keys = [key for key in map(str, state) if key.startswith(prefix) and f".{key}".endswith(f".{end}")]
        if not keys and end in wanted.optional:
            continue
        if len(keys) != 1:
            there = ", ".join(keys or list(map(str, state))[:12]) or "nothing"
            fault = f"{len(keys)} arrays {end!r}; choose one by prefix" if keys else f"no array {end!r}"
            words = f" that begins with {prefix!r}" if prefix and not keys else ""
            raise NonlinearityError(f"a state dict of {layout!r} with {fault}{words}; there is {there}")
        value = state[keys[0]]
        if hasattr(value, "detach"):
            if value.is_meta:
                raise NonlinearityError(
                    f"{keys[0]} is on the device meta, which holds no numbers; load the file itself"
                )
            value = value.detach().cpu()
            value = value.double() if value.is_floating_point() else value  # of bfloat16 NumPy knows nothing
        found[end] = reals_of(value, keys[0]).astype(float)
    return found
