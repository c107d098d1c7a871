"""What a time scheme is: its update, its coefficients in a kernel, and up to which step it keeps which property."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import sympy as sp

from symtrans.language.text_printer import plain
from symtrans.schemes.grid import Grid


class Constant(NamedTuple):
    """A bound of a certificate, by its name there and its letter in a formula."""

    name: str
    letter: str
    legend: str = ""


class Condition(NamedTuple):
    """A verdict of a certificate that must be True, by its name there and in words."""

    name: str
    words: str


G_MAX = Constant("g_max", "g_max")
RISE = Constant("slope_max", "K", "K = max(0, sup Phi')")
LIPSCHITZ = Constant("lipschitz", "L")
NONNEGATIVE = Condition("nonnegative", "g >= 0")
INCREASING = Condition("monotone", "Phi increasing")


@dataclass(frozen=True)
class StepRule:
    """Up to which time step a property holds: tau times a constant, times the sum of 1/h², is at most a ratio.

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
        The ratio for (number of samples, boundary) of two samples and more, where that is larger.
    sharp : bool
        Whether beyond it the property fails for some signal of three samples and more.
    claim_on_ring : str, optional
        The property on a periodic grid, where that is another.
    """

    name: str
    claim: str
    condition: Condition | None
    constant: Constant
    ratio: sp.Expr
    argument: str
    ratio_of: Callable[[int, str], sp.Expr] | None = field(default=None, repr=False)
    sharp: bool = False
    claim_on_ring: str | None = None

    def claim_on(self, grid: Grid) -> str:
        """The property on a grid, in words."""
        return self.claim_on_ring if self.claim_on_ring and grid.boundary == "periodic" else self.claim

    def limit(self, grid: Grid, samples: int | None = None) -> sp.Expr:
        """What tau times the constant may be at most.

        Examples
        --------
        >>> from symtrans.schemes import EXPLICIT
        >>> [rule.limit(Grid.of("1/2")) for rule in EXPLICIT.rules]
        [1/8, 1/16, 1/8, 1/8, 1/8]
        """
        ratio = self._ratio(grid, samples)
        return ratio if ratio is sp.oo else ratio / grid.inverse_squares

    def reason(self, grid: Grid, samples: int | None = None) -> str:
        """The exact condition, in words."""
        product = f"tau {self.constant.letter}/h^2 <= {plain(self._ratio(grid, samples))}"
        words = product if self.condition is None else f"{self.condition.words} and {product}"
        return f"{words}, {self.constant.legend}" if self.constant.legend else words

    def _ratio(self, grid: Grid, samples: int | None) -> sp.Expr:
        if samples is None or self.ratio_of is None:
            return self.ratio
        return self.ratio_of(samples, grid.boundary)


class Coefficients(NamedTuple):
    """What a kernel of a block multiplies by: tau/h flux differences, 1/h differences of samples (None for h = 1)."""

    step: sp.Expr
    inverse_h: sp.Expr | None

    @property
    def free_symbols(self) -> set[sp.Symbol]:
        """What they depend on."""
        return {symbol for expr in self if expr is not None for symbol in expr.free_symbols}


class Growth(NamedTuple):
    """The Lipschitz constant of one block in the norms 1, 2 and oo: the largest of its terms.

    `terms` takes tau times the norm of (D⁺)ᵀD⁺, sup Phi' and inf Phi'; `reason` says the same in words.
    """

    terms: Callable[[sp.Expr, sp.Expr, sp.Expr], tuple[sp.Expr, ...]]
    reason: str


class Spike(NamedTuple):
    """Three samples (a, 0, a) that break the max-min principle as soon as anything of their slope a/h does.

    `middle` takes tau, the grid and Phi(a/h), and says what the middle sample becomes in one step, exactly.
    """

    middle: Callable[[sp.Expr, Grid, sp.Expr], sp.Expr]

    def signal(self, height: float) -> tuple[float, float, float]:
        """The samples."""
        return (height, 0.0, height)


@dataclass(frozen=True)
class Scheme:
    """A way to step in time, for any nonlinearity.

    Attributes
    ----------
    name : str
    update : str
        One block, in words of mathematics.
    coefficients : callable
        (tau, grid) -> Coefficients.
    rules : tuple of StepRule
    keeps_range, default : str
        The rules that a network must not break, and that gives its time step unless told otherwise.
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
    update: str = field(repr=False)
    coefficients: Callable[[sp.Expr, Grid], Coefficients] = field(repr=False)
    rules: tuple[StepRule, ...] = field(repr=False)
    keeps_range: str = field(repr=False)
    default: str = field(repr=False)
    growth: Growth | None = field(repr=False, default=None)
    spike: Spike | None = field(repr=False, default=None)

    def rule(self, name: str) -> StepRule:
        """The rule of that name."""
        return next(rule for rule in self.rules if rule.name == name)
