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
    """An activation: for symtrans, for array libraries (with its parameter), as a scalar for numba, and its slope."""

    name: str
    nonlinearity: Any
    parameters: dict[str, float]
    arrays: Callable[[Any, Any, Any], Any]
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


# The scalar forms take constants of the signal's dtype: a literal would make numba compute in double.
CASES = (
    Case(
        "perona-malik",
        st.catalogue["perona-malik"],
        {"lam": LAM},
        lambda xp, r, lam: r * xp.exp(-0.5 * (r / lam) * (r / lam)),
        lambda r, one, half, b: r * np.exp(-half * r * r),
        lambda r, one, half, b: (one - r * r) * np.exp(-half * r * r),
    ),
    Case(
        "charbonnier",
        st.catalogue["charbonnier"],
        {"lam": LAM},
        lambda xp, r, lam: r / xp.sqrt(1 + (r / lam) * (r / lam)),
        lambda r, one, half, b: r / np.sqrt(one + r * r),
        lambda r, one, half, b: one / ((one + r * r) * np.sqrt(one + r * r)),
    ),
    Case(
        "truncated-tv",
        st.catalogue["truncated-tv"],
        {"theta": THETA},
        lambda xp, r, theta: xp.clip(r, -ROOT2 * theta, ROOT2 * theta),
        lambda r, one, half, b: min(max(r, -b), b),
        lambda r, one, half, b: one if abs(r) <= b else one - one,
    ),
    Case(
        "truncated-bfb",
        st.catalogue["truncated-bfb"],
        {"theta": THETA},
        lambda xp, r, theta: xp.where(
            abs(r) <= ROOT2 * theta, r, 2 * theta * theta / xp.where(r == 0, xp.ones_like(r), r)
        ),
        lambda r, one, half, b: r if abs(r) <= b else half / r,
        lambda r, one, half, b: one if abs(r) <= b else -half / (r * r),
    ),
    Case(
        "hard",
        st.catalogue["hard"],
        {"theta": THETA},
        lambda xp, r, theta: xp.where(abs(r) <= ROOT2 * theta, r, xp.zeros_like(r)),
        lambda r, one, half, b: r if abs(r) <= b else one - one,
        lambda r, one, half, b: one if abs(r) <= b else one - one,
    ),
    Case(
        "logarithm",
        st.translate(st.Activation("sgn(r) lambda ln(1 + |r|/lambda)"), name="logarithm"),
        {"lam": LAM},
        lambda xp, r, lam: lam * xp.sign(r) * xp.log(1 + abs(r) / lam),
        lambda r, one, half, b: np.copysign(np.log(one + abs(r)), r),
        lambda r, one, half, b: one / (one + abs(r)),
    ),
    Case(
        "tanh",
        st.translate(st.Activation("lambda tanh(r/lambda)"), name="tanh"),
        {"lam": LAM},
        lambda xp, r, lam: lam * xp.tanh(r / lam),
        lambda r, one, half, b: np.tanh(r),
        lambda r, one, half, b: one - np.tanh(r) * np.tanh(r),
    ),
    Case(
        "erf",
        st.translate(st.Activation("lambda sqrt(pi) erf(r/lambda)/2"), name="erf"),
        {"lam": LAM},
        lambda xp, r, lam: 0.5 * math.pi**0.5 * lam * _erf(xp, r / lam),
        lambda r, one, half, b: 0.8862269254527580 * math.erf(r),
        lambda r, one, half, b: np.exp(-r * r),
    ),
)


def workloads(quick: bool) -> tuple[Workload, ...]:
    """W1 to W5; with fewer samples for a quick run."""
    return (
        Workload("W1", (1, 2**22 if quick else 2**24), 1),
        Workload("W2", (1, 2**17 if quick else 2**24), 64),
        Workload("W3", (128 if quick else 4096, 1024), 32),
        Workload("W4", (1, 1024), 32),
        Workload("W5", (32 if quick else 256, 4096), 16, gradient=True),
    )


def signal(shape: tuple[int, int], dtype: str) -> np.ndarray:
    """Steps with noise: differences on both sides of every threshold."""
    random = np.random.default_rng(0)
    levels = np.repeat(random.integers(-3, 4, (shape[0], -(-shape[1] // 64))), 64, axis=1)[:, : shape[1]]
    return (levels + random.normal(0, 0.7, shape)).astype(dtype)


def network(case: Case, blocks: int) -> st.Network:
    """The network of symtrans at tau = 1/4."""
    return st.Network(case.nonlinearity, blocks, tau="1/4")
