"""The adjoint of a network in plain NumPy: gradients by the signal and by every parameter.

One block is u' = u + (tau/h) D(Phi(E u / h)) with E the differences over the
edges and D = -E^T. Its adjoint maps w to w + (tau/h²) E^T(Phi'(p) D^T w), a
linear diffusion with the coefficients Phi'(p).
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import sympy as sp

from symtrans.calculus.algebra import X
from symtrans.calculus.arrays import array_function
from symtrans.calculus.pieces import HalfLine, Piece

if TYPE_CHECKING:
    from symtrans.codegen.network import Network


def vector_jacobian(
    network: "Network", u: np.ndarray, cotangent: np.ndarray, numbers: Mapping[sp.Symbol, float]
) -> tuple[np.ndarray, dict[sp.Symbol, float]]:
    """Gradients of sum(cotangent * network(u)) by `u` and by each parameter."""
    flux = network.activation.half
    phi, slope = array_function(flux), array_function(flux.derivative())
    names = network._names()
    tau, h = names.inward(network.tau), names.inward(network.h)
    step, inverse = (float(e.subs(numbers)) for e in (tau / h, 1 / h))
    periodic = network.boundary == "periodic"
    states = [u]
    for _ in range(network.blocks - 1):
        last = states[-1]
        states.append(last + step * _over_samples(phi(_over_edges(last, periodic) * inverse, numbers), periodic))
    by_parameter = {s: array_function(_by_parameter(flux, s)) for s in sorted(flux.parameters, key=str)}
    total = dict.fromkeys(numbers, 0.0)
    weights = cotangent
    for state in reversed(states):
        difference = _over_edges(state, periodic)
        p = difference * inverse
        pulled = -_over_edges(weights, periodic)  # D^T w
        values, slopes = phi(p, numbers), slope(p, numbers)
        for symbol in total:
            # d/ds of (tau/h) Phi(E u/h): through the step, through the grid size, through Phi itself
            change = float(sp.diff(tau / h, symbol).subs(numbers)) * values
            change = change + step * float(sp.diff(1 / h, symbol).subs(numbers)) * slopes * difference
            if symbol in by_parameter:
                change = change + step * by_parameter[symbol](p, numbers)
            total[symbol] += float(np.sum(pulled * change))
        weights = weights + step * inverse * -_over_samples(slopes * pulled, periodic)
    return weights, total


@lru_cache(maxsize=128)
def _by_parameter(flux: HalfLine, symbol: sp.Symbol) -> HalfLine:
    """The derivative of the flux by a parameter, on each piece; at a break that of the side that owns it."""
    pieces = tuple(Piece(p.lo, p.hi, sp.diff(p.expr, symbol)) for p in flux.pieces)
    values = tuple(piece.expr.subs(X, piece.hi) for piece in pieces[:-1])
    return HalfLine(flux.parity, sp.S.Zero, pieces, values, flux.doubts)


def _over_edges(u: np.ndarray, periodic: bool) -> np.ndarray:
    """E u: u_{i+1} - u_i, with the edge from the last sample to the first if periodic."""
    inner: np.ndarray = u[..., 1:] - u[..., :-1]
    return np.concatenate([inner, u[..., :1] - u[..., -1:]], axis=-1) if periodic else inner


def _over_samples(q: np.ndarray, periodic: bool) -> np.ndarray:
    """D q: q over the right edge minus q over the left edge, zero over reflecting ends."""
    left = np.roll(q, 1, axis=-1)
    if not periodic:
        zero = np.zeros((*q.shape[:-1], 1))
        q, left = np.concatenate([q, zero], axis=-1), np.concatenate([zero, q], axis=-1)
    difference: np.ndarray = q - left
    return difference
