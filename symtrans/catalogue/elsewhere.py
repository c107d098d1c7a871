"""What families are called in other packages: suggestions, and no names, as factors and parameters may differ."""

import re
from collections.abc import Mapping

_LINEAR = (  # activations that are not odd, while their odd part is linear
    *("relu", "leaky relu", "prelu", "rrelu", "hardswish", "log sigmoid", "squareplus", "quick gelu"),
    "bent identity",
)
_FAMILIES: Mapping[str, tuple[str, ...]] = {
    # l2_loss of optax, DIST_L2 of OpenCV, TrivialLoss of Ceres, Null of GTSAM
    "constant": (
        *("l2", "mse", "mean squared error", "squared error", "quadratic", "square", "ols", "ridge", "trivial", "null"),
        *_LINEAR,
    ),
    "tv": (
        *("l1", "mae", "mean absolute error", "absolute error", "absolute value", "abs", "lasso", "group lasso"),
        *("rof", "rudin osher fatemi", "bv", "denoise tv chambolle", "denoise tv bregman", "tv chambolle"),
        "tv bregman",
    ),
    "huber": ("smooth l1", "huber t", "huberized l1"),
    "soft": ("visu shrink", "sure shrink", "bayes shrink"),
    "charbonnier": ("soft l1", "soft l one", "l12", "l1 l2", "l1-l2", "differentiable l1", "diff charbonnier"),
    "hard": (
        *("hardshrink", "l0", "potts", "mumford shah", "weak membrane", "blake zisserman", "saturated", "truncated l2"),
        "truncated least squares",
    ),
    "power": ("lp", "lq", "schatten"),
    "perona-malik": (
        *("exponential", "anisotropic diffusion", "gradient anisotropic diffusion", "imdiffusefilt", "pm", "pm1"),
        *("perona malik 1", "diff pm g1", "pm g1"),
    ),
    "perona-malik-rational": (
        *("quadratic", "imdiffusefilt", "pm", "pm2", "perona malik 2", "diff pm g2", "pm g2", "lorentz"),
    ),
    "weickert": ("diff weickert",),
    "generalised-charbonnier": ("barron", "general", "adaptive", "general adaptive"),
    "andrews": ("andrew wave",),
    "softshrink": ("l2 with dead zone", "squared epsilon insensitive"),
    "hard-tanh": ("relu6", "clamp"),
    "tanh": ("hyperbolic tangent",),
    "student-t": ("field of experts", "foe", "t distribution"),
    "snake-odd": ("snake",),
}
_FORMULAS: Mapping[str, str] = {  # regularisers of r^2 = s, of which rho(s) is called so in Ceres
    "arctan loss": "a*atan(r^2/a)",
    "tolerant loss": "b*(ln(1 + exp((r^2 - a)/b)) - ln(1 + exp(-a/b)))",
}
_BESIDE = frozenset(  # words that say what is named, not which
    (
        *("loss", "losses", "penalty", "regulariser", "regularizer", "regularisation", "regularization", "norm"),
        *("norms", "estimator", "function", "activation", "kernel", "robust", "robustkernel", "thresholding"),
        *("threshold", "thresh", "shrinkage", "dist", "prior", "potential", "denoising", "diffusivity"),
        *("m", "the", "psi", "rho"),
    )
)


def compared(name: str) -> tuple[str, str]:
    """A name as two writings are compared: its letters and digits; and without words such as loss and penalty.

    Examples
    --------
    >>> compared("torch.nn.SmoothL1Loss"), compared("mcp penalty")
    (('smoothl1loss', 'smoothl1'), ('mcppenalty', 'mcp'))
    """
    last = re.split(r"\.|::", name.strip())[-1]
    words = re.findall(r"[A-Z]+(?![a-z])\d*|[A-Z]?[a-z]+\d*|\d+", last)
    parts = [word.lower() for word in words]
    return "".join(parts), "".join(part for part in parts if part not in _BESIDE)


SUGGESTED: Mapping[str, tuple[str, ...]] = {
    written: tuple(name for name, others in _FAMILIES.items() if written in {compared(other)[0] for other in others})
    for others in _FAMILIES.values()
    for written in (compared(other)[0] for other in others)
}
"""The families that may be meant, by the letters and digits of what they are called elsewhere."""
FORMULAS: Mapping[str, str] = {compared(name)[0]: formula for name, formula in _FORMULAS.items()}
"""Regularisers that are no families, by the letters of what they are called elsewhere."""
LINEAR = frozenset(compared(name)[0] for name in _LINEAR)
"""The letters of what is no family, but has a linear odd part."""
