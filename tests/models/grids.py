"""Grids, small images and their options, for the tests of models."""

from hypothesis import strategies as hyp
from hypothesis.extra import numpy as hnp

from symtrans.language.symbols import keyword_of

BOUNDARIES = ("reflecting", "periodic")
MODES = {"coupled": {}, "channels": {"channels": True}, "separable": {"coupling": "separable"}}
SHAPES = {1: (7,), 2: (6, 5), 3: (4, 3, 5)}
SPACINGS = [(1.0,), (0.7,), (1.0, 1.0), (0.5, 1.3), (1.0, 1.0, 1.0), (0.5, 0.8, 1.3)]


def values_of(family, value=0.7):
    return {keyword_of(symbol): value for symbol in family.parameters}


def largest_step(h):
    """1/(2 s), the bound of the max-min principle for g_max = 1."""
    return 1 / (2 * sum(1 / size**2 for size in h))


values = hyp.one_of(hyp.floats(-5, 5, width=32), hyp.sampled_from([0.0, 1.0, -1.0, 1e-3, 30.0]))
images = hnp.arrays(float, hnp.array_shapes(min_dims=2, max_dims=3, min_side=1, max_side=4), elements=values)


spacings = hyp.tuples(*[hyp.sampled_from([1.0, 0.5, 0.7, 2.0])] * 3)
NONNEGATIVE = ["constant", "charbonnier", "truncated-tv", "perona-malik", "truncated-bfb", "truncated-quadratic"]
modes = hyp.sampled_from(["isotropic", "separable", "channels"])


def options_of(mode, u, h, boundary):
    """Keywords for an array, of which the first axis holds channels if the mode says so."""
    if mode == "channels":
        return {"h": h[: u.ndim - 1], "channels": True, "boundary": boundary}
    return {"h": h[: u.ndim], "coupling": mode, "boundary": boundary}
