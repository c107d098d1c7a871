"""The six families of the paper's Table 3 in NumPy as a good programmer writes it: buffers made once, all in place."""

from collections.abc import Callable

import numpy as np

from benchmarks.cases import LAM, THETA

# Each computes Phi(r) into `flux`; `r` may be overwritten, `spare` is scratch and `mask` is scratch of booleans.


def constant(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    flux[...] = r


def charbonnier(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    np.multiply(r, r, out=spare)
    spare *= 1 / LAM**2
    spare += 1
    np.sqrt(spare, out=spare)
    np.divide(r, spare, out=flux)


def truncated_tv(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    bound = r.dtype.type(2**0.5 * THETA)
    np.clip(r, -bound, bound, out=flux)


def perona_malik(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    np.multiply(r, r, out=spare)
    spare *= -0.5 / LAM**2
    np.exp(spare, out=spare)
    np.multiply(r, spare, out=flux)


def truncated_bfb(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    np.abs(r, out=spare)
    np.greater(spare, 2**0.5 * THETA, out=mask)
    flux[...] = r
    np.divide(2 * THETA**2, r, out=flux, where=mask)


def truncated_quadratic(r: np.ndarray, flux: np.ndarray, spare: np.ndarray, mask: np.ndarray) -> None:
    np.abs(r, out=spare)
    np.less_equal(spare, 2**0.5 * THETA, out=mask)
    # not r * mask, which is faster and makes NaN of an infinite difference
    flux.fill(0)
    np.copyto(flux, r, where=mask)


BY_HAND: dict[str, Callable[..., None]] = {
    function.__name__.replace("_", "-"): function
    for function in (constant, charbonnier, truncated_tv, perona_malik, truncated_bfb, truncated_quadratic)
}


def filtered(f: np.ndarray, activation: Callable[..., None], tau: float, blocks: int) -> np.ndarray:
    """The same network as a good NumPy programmer writes it."""
    u = f.copy()
    r, spare = np.empty_like(u[:, 1:]), np.empty_like(u[:, 1:])
    mask = np.empty(r.shape, dtype=bool)
    flux = np.zeros((u.shape[0], u.shape[1] + 1), dtype=u.dtype)
    d = np.empty_like(u)
    for _ in range(blocks):
        np.subtract(u[:, 1:], u[:, :-1], out=r)
        activation(r, flux[:, 1:-1], spare, mask)
        np.subtract(flux[:, 1:], flux[:, :-1], out=d)
        d *= tau
        u += d
    return u
