"""What a time scheme is: its update, its coefficients in a kernel, and up to which step it keeps which property."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

import sympy as sp

from symtrans.calculus.undecided import Sentence
from symtrans.language.notation import AT_MOST, NONNEGATIVE_G, PHI, TAU, L, Notation
from symtrans.schemes.grid import Grid

Samples: TypeAlias = int | Sequence[int] | None
Nested: TypeAlias = tuple[Any, ...]


class Constant(NamedTuple):
    """A bound of a certificate, by its name there and its letter in a formula, with a legend where it needs one."""

    name: str
    letter: Notation
    legend: Sentence = ()


class Condition(NamedTuple):
    """A verdict of a certificate that must be True, by its name there and in words."""

    name: str
    words: Sentence


G_MAX = Constant("g_max", Notation("g_max", r"g_{\mathrm{max}}"))
RISE = Constant(
    "slope_max", Notation("K", "K"), (", ", Notation("K = max(0, sup Phi')", r"K = \max\left(0, \sup \Phi'\right)"))
)
LIPSCHITZ = Constant("lipschitz", L)
NONNEGATIVE = Condition("nonnegative", (NONNEGATIVE_G,))
INCREASING = Condition("monotone", (PHI, " increasing"))


@dataclass(frozen=True)
class StepRule:
    """Up to which time step a property holds: tau times a constant times the sum of 1/h² is at most a ratio.

    Attributes
    ----------
    name : str
        The method of a certificate that answers with it.
    claim : str
        The property, in words.
    condition : Condition or None
        What else must hold; where it fails, no tau > 0 will do.
    constant : Constant
        The steepest slope that counts; where it is not positive, any tau will do.
    ratio : Expr
        For any number of samples; oo where every tau will do.
    argument : str
        The proof in a line or two, with the equation of the paper where it has one.
    ratio_of : callable, optional
        The ratio for (number of samples, grid) of two samples and more on one axis, where that is larger.
    sharp : callable
        On which grids the property fails beyond it for some signal of three samples and more an axis.
    claim_of : callable, optional
        The property on a grid where it is another, None where it is `claim`.
    fails : callable, optional
        Why there is no such property on a grid, None where there is.
    """

    name: str
    claim: str
    condition: Condition | None
    constant: Constant
    ratio: sp.Expr
    argument: str
    ratio_of: Callable[[int, Grid], sp.Expr] | None = field(default=None, repr=False)
    sharp: Callable[[Grid], bool] = field(default=lambda grid: False, repr=False)
    claim_of: Callable[[Grid], str | None] = field(default=lambda grid: None, repr=False)
    fails: Callable[[Grid], str | None] = field(default=lambda grid: None, repr=False)

    def claim_on(self, grid: Grid) -> str:
        """The property on a grid, in words."""
        return self.claim_of(grid) or self.claim

    def limit(self, grid: Grid, samples: Samples = None) -> sp.Expr:
        """What tau times the constant may be at most.

        Examples
        --------
        >>> from symtrans.schemes import EXPLICIT
        >>> [rule.limit(Grid.of("1/2")) for rule in EXPLICIT.rules]
        [1/8, 1/16, 1/8, 1/8, 1/8, 1/8]
        >>> EXPLICIT.rule("max_min_step").limit(Grid.of((1, 1)))
        1/4
        """
        ratio = self._ratio(grid, samples)
        return ratio if ratio is sp.oo else ratio / grid.inverse_squares

    def reason(self, grid: Grid, samples: Samples = None) -> Sentence:
        """The exact condition."""
        ratio = self._ratio(grid, samples)
        given = () if self.condition is None else self.condition.words
        if ratio is sp.oo:
            return given
        axes = range(1, grid.dimensions + 1)
        measure = Notation("/h^2", "/h^{2}")
        if grid.dimensions > 1:
            text, latex = (" + ".join(f"1/h_{k}^{two}" for k in axes) for two in ("2", "{2}"))
            measure = Notation(f" ({text})", rf" \left({latex}\right)")
        product = (TAU, Notation(" ", " "), self.constant.letter, measure, AT_MOST, ratio)
        return (*given, *([" and "] if given else []), *product, *self.constant.legend)

    def _ratio(self, grid: Grid, samples: Samples) -> sp.Expr:
        if samples is None or self.ratio_of is None or grid.dimensions > 1:
            return self.ratio
        (count,) = grid.counts(samples)
        return self.ratio_of(count, grid)


Coefficients: TypeAlias = tuple[tuple[str, sp.Expr], ...]
"""What a kernel of a block multiplies by, by name; those that are 1 are left out, but for the steps."""


def diffusivity_coefficients(tau: sp.Expr, grid: Grid) -> Coefficients:
    """Of a kernel that takes g(q), q = |∇u|² of a cell: two for each axis a.

    "inverse_square_a" = 1/(2^(d-1) h_a²) multiplies the sum of the squared differences over edges, "step_a" =
    tau/(2^(d-1) h_a²) a difference times the sum of g over cells. Where an edge shares nothing, it is its own cell.
    """
    share = 2 ** (grid.dimensions - 1) if grid.coupled else 1
    weights = [1 / (share * h**2) for h in grid.sizes]
    steps = [(f"step_{a}", tau * weight) for a, weight in enumerate(weights)]
    inverses = [(f"inverse_square_{a}", weight) for a, weight in enumerate(weights)]
    return (*steps, *((name, value) for name, value in inverses if value != 1))


class Growth(NamedTuple):
    """The Lipschitz constant of one block in the norms 1, 2 and oo: the largest of its terms.

    `terms` takes tau times the norm of (D⁺)ᵀD⁺, sup Phi' and inf Phi'; `reason` says the same in words. `fails` says
    why nothing is known on a grid in a norm, None where something is.
    """

    terms: Callable[[sp.Expr, sp.Expr, sp.Expr], tuple[sp.Expr, ...]]
    reason: str
    fails: Callable[[Grid, Any], str | None]


class Spike(NamedTuple):
    """Samples a around a 0 that break the max-min principle as soon as anything of their slopes does.

    `terms` takes tau and the grid: the sample in the middle becomes the sum of w Phi(k a) over its pairs (w, k).
    """

    terms: Callable[[sp.Expr, Grid], tuple[tuple[sp.Expr, sp.Expr], ...]]

    def signal(self, height: float, grid: Grid) -> Nested:
        """Three samples an axis, of one channel where there are channels."""

        def nested(depth: int, centre: bool) -> Any:
            if depth == 0:
                return 0.0 if centre else height
            return tuple(nested(depth - 1, centre and k == 1) for k in range(3))

        found = nested(grid.dimensions, True)
        return (found,) if grid.channels else found


@dataclass(frozen=True)
class Scheme:
    """A way to step in time, for any nonlinearity.

    Attributes
    ----------
    name : str
    update : callable
        One block on a grid, in words of mathematics.
    coefficients : callable
        (tau, grid) -> Coefficients.
    takes_diffusivity : callable
        On which grids a block is computed from ``g(|∇u|²)``, not from Phi.
    rules : tuple of StepRule
    required : str
        The rule that a network must not break.
    defaults : tuple of str
        The rules that give a network its time step unless told otherwise: the first that holds.
    reach : callable
        (tau, steps in a cycle) -> the diffusion time of one block; tau, unless blocks are cycles.
    growth : Growth or None
        How far one block can drive two signals apart; None where nothing is known.
    spike : Spike or None
        What breaks the max-min principle just when a step breaks its rule; None where no step does.

    Examples
    --------
    >>> from symtrans.schemes import EXPLICIT
    >>> EXPLICIT, EXPLICIT.rule("sign_step").ratio
    (Scheme(name='explicit'), 1/4)
    """

    name: str
    update: Callable[[Grid], str] = field(repr=False)
    coefficients: Callable[[sp.Expr, Grid], Coefficients] = field(repr=False)
    takes_diffusivity: Callable[[Grid], bool] = field(repr=False)
    rules: tuple[StepRule, ...] = field(repr=False)
    required: str = field(repr=False)
    defaults: tuple[str, ...] = field(repr=False)
    reach: Callable[[sp.Expr, int], sp.Expr] = field(repr=False, default=lambda tau, cycle: tau)
    growth: Growth | None = field(repr=False, default=None)
    spike: Spike | None = field(repr=False, default=None)

    def rule(self, name: str) -> StepRule:
        """The rule of that name."""
        return next(rule for rule in self.rules if rule.name == name)
