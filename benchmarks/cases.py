"""What is measured: eight activations and five workloads."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import symtrans as st

LAM, THETA, TAU = 1.0, 0.5, 0.25
ROOT2 = math.sqrt(2)


@dataclass(frozen=True, eq=False)
class Case:
    """An activation: for symtrans, for array libraries, as a scalar for numba, and its slope.

    All take the parameter when they run, as a kernel does, as two constants c and d made of it.
    """

    name: str
    nonlinearity: Any
    parameters: dict[str, float]
    constants: Callable[[Any], tuple[Any, Any]]
    arrays: Callable[[Any, Any, Any, Any], Any]
    scalar: Callable[..., float]
    slope: Callable[..., float]

    @property
    def parameter(self) -> float:
        """The value of its one parameter."""
        (value,) = self.parameters.values()
        return value


@dataclass(frozen=True)
class Workload:
    """So many steps on signals of a shape; with gradients or without."""

    name: str
    shape: tuple[int, int]
    blocks: int
    gradient: bool = False

    @property
    def in_place(self) -> bool:
        """Whether the result overwrites the signal: one step is bound by memory, and so is the limit."""
        return self.blocks == 1

    @property
    def sample_steps(self) -> int:
        """Samples times steps."""
        return self.shape[0] * self.shape[1] * self.blocks


def _erf(xp: Any, r: Any) -> Any:
    if xp is np:
        return np.vectorize(math.erf)(r).astype(r.dtype)
    if xp.__name__ == "torch":
        return xp.erf(r)
    import jax.scipy.special

    return jax.scipy.special.erf(r)


# One, c and d are numbers of the signal's dtype: a literal would make numba compute in double.
CASES = (
    Case(
        "perona-malik",
        st.catalogue["perona-malik"],
        {"lam": LAM},
        lambda lam: (0.5 / lam**2, 0.0),
        lambda xp, r, c, d: r * xp.exp(-c * r * r),
        lambda r, one, c, d: r * np.exp(-c * r * r),
        lambda r, one, c, d: (one - (c + c) * r * r) * np.exp(-c * r * r),
    ),
    Case(
        "charbonnier",
        st.catalogue["charbonnier"],
        {"lam": LAM},
        lambda lam: (1 / lam**2, 0.0),
        lambda xp, r, c, d: r / xp.sqrt(1 + c * r * r),
        lambda r, one, c, d: r / np.sqrt(one + c * r * r),
        lambda r, one, c, d: one / ((one + c * r * r) * np.sqrt(one + c * r * r)),
    ),
    Case(
        "truncated-tv",
        st.catalogue["truncated-tv"],
        {"theta": THETA},
        lambda theta: (ROOT2 * theta, 0.0),
        lambda xp, r, c, d: xp.clip(r, -c, c),
        lambda r, one, c, d: min(max(r, -c), c),
        lambda r, one, c, d: one if abs(r) <= c else one - one,
    ),
    Case(
        "truncated-bfb",
        st.catalogue["truncated-bfb"],
        {"theta": THETA},
        lambda theta: (ROOT2 * theta, 2 * theta**2),
        lambda xp, r, c, d: xp.where(abs(r) <= c, r, d / xp.where(r == 0, xp.ones_like(r), r)),
        lambda r, one, c, d: r if abs(r) <= c else d / r,
        lambda r, one, c, d: one if abs(r) <= c else -d / (r * r),
    ),
    Case(
        "hard",
        st.catalogue["hard"],
        {"theta": THETA},
        lambda theta: (ROOT2 * theta, 0.0),
        lambda xp, r, c, d: xp.where(abs(r) <= c, r, xp.zeros_like(r)),
        lambda r, one, c, d: r if abs(r) <= c else one - one,
        lambda r, one, c, d: one if abs(r) <= c else one - one,
    ),
    Case(
        "logarithm",
        st.translate(st.Activation("sgn(r) lambda ln(1 + |r|/lambda)"), name="logarithm"),
        {"lam": LAM},
        lambda lam: (1 / lam, lam),
        lambda xp, r, c, d: d * xp.sign(r) * xp.log(1 + c * abs(r)),
        lambda r, one, c, d: np.copysign(d * np.log(one + c * abs(r)), r),
        lambda r, one, c, d: one / (one + c * abs(r)),
    ),
    Case(
        "tanh",
        st.translate(st.Activation("lambda tanh(r/lambda)"), name="tanh"),
        {"lam": LAM},
        lambda lam: (1 / lam, lam),
        lambda xp, r, c, d: d * xp.tanh(c * r),
        lambda r, one, c, d: d * np.tanh(c * r),
        lambda r, one, c, d: one - np.tanh(c * r) * np.tanh(c * r),
    ),
    Case(
        "erf",
        st.translate(st.Activation("lambda sqrt(pi) erf(r/lambda)/2"), name="erf"),
        {"lam": LAM},
        lambda lam: (1 / lam, 0.5 * math.pi**0.5 * lam),
        lambda xp, r, c, d: d * _erf(xp, c * r),
        lambda r, one, c, d: d * math.erf(c * r),
        lambda r, one, c, d: np.exp(-(c * r) * (c * r)),
    ),
)


def workloads(quick: bool) -> tuple[Workload, ...]:
    """W1 to W5; with fewer samples for a quick run."""
    return (
        Workload("W1", (1, 2**24), 1),
        Workload("W2", (1, 2**22 if quick else 2**24), 64),
        Workload("W3", (1024 if quick else 4096, 1024), 32),
        Workload("W4", (1, 1024), 32),
        Workload("W5", (64 if quick else 256, 4096), 16, gradient=True),
    )


def signal(shape: tuple[int, int], dtype: str) -> np.ndarray:
    """Steps with noise: differences on both sides of every threshold."""
    random = np.random.default_rng(0)
    levels = np.repeat(random.integers(-3, 4, (shape[0], -(-shape[1] // 64))), 64, axis=1)[:, : shape[1]]
    return (levels + random.normal(0, 0.7, shape)).astype(dtype)


def network(case: Case, blocks: int) -> st.Network:
    """The network of symtrans at tau = 1/4."""
    return st.Network(case.nonlinearity, blocks, tau="1/4")
