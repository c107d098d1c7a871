"""What is provable of a nonlinearity, and what follows for a scheme on a grid: step sizes, growth, counterexamples.

Every statement carries its evidence. The statements are those of the paper's Sections 3.1 and 3.4, sharpened: see
docs/mathematics.md for each with its proof.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import sympy as sp

from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.signs.regions import sign_under
from symtrans.calculus.undecided import Sentence, Undecided, decided
from symtrans.errors import NonlinearityError
from symtrans.language.notation import ABOVE, AT_MOST, TAU
from symtrans.language.symbols import Names, keyword_of, quantity
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation
from symtrans.runtime.budgets import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.runtime.caches import Cache
from symtrans.runtime.display import Shown, shown
from symtrans.runtime.frozen import FrozenMapping
from symtrans.runtime.public import public
from symtrans.schemes import Scheme, scheme_of
from symtrans.schemes.grid import Grid, count_of
from symtrans.stability.evidence import Bound, Evidence, Jump, Verdict
from symtrans.stability.steps import growth_bound, step_bound
from symtrans.stability.witnesses import breaking_signal

if TYPE_CHECKING:
    import numpy as np


@public
@dataclass(frozen=True, repr=False)
class Certificate(Shown):
    """What is proved of one nonlinearity; every value is in the user's own symbols.

    Attributes
    ----------
    g_max, g_min : Bound
        Supremum and infimum of the diffusivity g(r) over r != 0.
    slope_max, slope_min : Bound
        Supremum and infimum of the difference quotients of the activation
        (of its derivative where it has no jump).
    lipschitz : Bound
        The Lipschitz constant L of the activation.
    odd, nonnegative, monotone, convex, continuous : Verdict
        Phi odd; g >= 0; Phi increasing; Psi convex; Phi continuous.
    jumps : tuple of Jump
        The jumps of Phi.
    smoothness : int, oo, an expression in the parameters, or None
        k where Phi is C^k and not C^(k+1); -1 with a jump; None if unknown.

    Examples
    --------
    >>> from symtrans import Diffusivity, certify
    >>> c = certify(Diffusivity("exp(-r^2/(2 lambda^2))"))
    >>> c.g_max.value, c.slope_min.value, c.monotone.value, c.max_min_step()
    (1, -2*exp(-3/2), False, 1/2)
    """

    source: Kind = field(compare=False)
    """The nonlinearity that was asked about."""
    g_max: Bound
    g_min: Bound
    slope_max: Bound
    slope_min: Bound
    lipschitz: Bound
    odd: Verdict
    nonnegative: Verdict
    monotone: Verdict
    convex: Verdict
    continuous: Verdict
    jumps: tuple[Jump, ...]
    smoothness: sp.Expr | int | None
    converted: Activation | None = field(default=None, compare=False, repr=False)
    """The activation as it was derived for the proofs; None if the budget did not suffice."""

    @property
    def activation(self) -> Activation:
        """The activation Phi of which it speaks."""
        return self.source.to(Activation) if self.converted is None else self.converted

    # -- step sizes -----------------------------------------------------------

    # h is a number, or one for each axis of an image or a volume; 1/h² is then the sum of 1/h² over the axes.

    def max_min_step(self, h: Any = 1) -> sp.Expr | None:
        """Largest tau with min f <= u <= max f for every f: h²/(2 g_max) if g >= 0, else 0 (eq. 7).

        Examples
        --------
        >>> from symtrans import Diffusivity, certify
        >>> certify(Diffusivity("exp(-r^2)")).max_min_step(h=("h_1", "h_2"))
        1/(2*(h_2**(-2) + h_1**(-2)))
        """
        return self.steps(h)["max_min_step"].value

    def sign_step(self, h: Any = 1, samples: int | None = None) -> sp.Expr | None:
        """Largest tau for which sign changes never grow: h²/(4 g_max) if g >= 0, else 0; 0 on more than one axis.

        With `samples` = N it is the bound sharp for signals of N samples,
        c(N) h²/g_max with c(N) = 1/(2 + 2 cos(2 pi/(2 N - 1))).
        """
        return self.steps(h, samples=samples)["sign_step"].value

    def euclidean_step(self, h: Any = 1) -> sp.Expr | None:
        """A tau up to which the Euclidean norm never grows: h²/(2 g_max) if g >= 0, else 0."""
        return self.steps(h)["euclidean_step"].value

    def nonexpansive_step(self, h: Any = 1) -> sp.Expr | None:
        """Largest tau for which distances of two signals never grow: h²/(2 K) if Phi increases, else 0.

        In the norms 1, 2 and oo, but where a cell shares g in the 2-norm only.
        """
        return self.steps(h)["nonexpansive_step"].value

    def theorem2_step(self, h: Any = 1) -> sp.Expr | None:
        """The bound of Theorem 2, h²/(2 L), where g >= 0; safe, and sharp only if L = g_max (eq. 16)."""
        return self.steps(h)["theorem2_step"].value

    def energy_step(self, h: Any = 1) -> sp.Expr | None:
        """A tau up to which the energy sum Psi(D⁺u) never rises: h²/(2 K), K = max(0, sup Phi')."""
        return self.steps(h)["energy_step"].value

    def steps(
        self, h: Any = 1, *, samples: int | None = None, scheme: Scheme | str = "explicit"
    ) -> Mapping[str, Bound]:
        """All step sizes with their evidence, by the name of the method.

        Parameters
        ----------
        h : number, str, Expr, a tuple of them, or Grid
            The grid size, or one for each axis.
        samples : int, optional
            The number of samples on one axis, for those steps that may then be larger.
        scheme : str
            The scheme that takes the step.

        Examples
        --------
        >>> from symtrans import Activation, certify
        >>> step = certify(Activation("r")).steps(samples=3)["sign_step"]
        >>> step.value, step.evidence.value, step.reason
        (1/(sqrt(5)/2 + 3/2), 'proved', 'g >= 0 and tau g_max/h^2 <= 1/(3/2 + sqrt(5)/2)')
        """
        grid, scheme = Grid.of(h), scheme_of(scheme)
        count = None if samples is None else grid.counts(samples)
        key = (self, self.source.key, grid, scheme, count)
        return _steps.get(key, DEFAULT_BUDGET, lambda: self._derived(grid, scheme, count))

    def _derived(self, grid: Grid, scheme: Scheme, samples: tuple[int, ...] | None) -> Mapping[str, Bound]:
        found = {}
        for rule in scheme.rules:
            condition = None if rule.condition is None else getattr(self, rule.condition.name)
            steepest = getattr(self, rule.constant.name)
            found[rule.name] = step_bound(rule, grid, samples, condition, steepest, self._positive)
        return FrozenMapping(found)

    def _positive(self, value: sp.Expr) -> bool | None:
        """Whether a value is proved to be positive or not; None where that depends on the parameters."""
        inner = self.activation.names.inward(value)
        found = None
        with suppress(Undecided, OutOfTime), time_limit(_SECONDS):
            found = sign_under(self.source.assumptions, inner)
        if found is not None:
            return found > 0
        at_least_one = isinstance(inner, sp.Max) and any(arg.is_positive for arg in inner.args)
        return True if inner.is_positive or at_least_one else None

    # -- distances and ranges ---------------------------------------------------

    def expansion(self, tau: Any, h: Any = 1, blocks: int = 1, norm: Any = 2, samples: int | None = None) -> Any:
        """Proved Lipschitz constant of the network of `blocks` blocks, in the norm 1, 2 or oo; see `growth`."""
        return self.growth(tau, h, blocks, norm, samples).value

    def growth(
        self,
        tau: Any,
        h: Any = 1,
        blocks: int = 1,
        norm: Any = 2,
        samples: int | None = None,
        *,
        scheme: Scheme | str = "explicit",
    ) -> Bound:
        """How much farther apart two signals can be after the network than before, with its evidence.

        For one block it is max(1, 1 + 4 tau mu/h², 4 tau K/h² - 1) with K = max(0, sup Phi') and
        mu = max(0, -inf Phi'); oo with a jump. Of an enclosed slope the outer end counts.

        Parameters
        ----------
        tau, h : number, str, Expr; a tuple of these or a Grid for h
        blocks : int
        norm : {1, 2, oo}
        samples : int, or tuple of int with one an axis, optional
            In the 2-norm: both fractions carry the factor cos²(pi/(2 N)), whose supremum over N is 1.
        scheme : str

        Examples
        --------
        >>> from symtrans import Activation, certify
        >>> bound = certify(Activation("sin(r)")).growth("1/4", blocks=3)
        >>> bound.value, bound.evidence.value
        (8, 'proved')
        """
        if not any(norm is known or norm == known for known in (1, 2, sp.oo, float("inf"), "inf", "oo")):
            raise NonlinearityError(f"norm = {norm!r} is none of 1, 2, oo")
        times, step = count_of(blocks, "blocks"), _not_negative(tau)
        grid, scheme = Grid.of(h), scheme_of(scheme)
        growth = scheme.growth
        count = None if samples is None else grid.counts(samples)
        if growth is None:
            return Bound(None, Evidence.UNKNOWN, (f"of the {scheme.name} scheme nothing is known",))
        if unknown := growth.fails(grid, norm):
            return Bound(None, Evidence.UNKNOWN, (unknown,))
        reach = step * grid.norm(count if norm == 2 else None)
        return growth_bound(growth, reach, times, self.slope_max, self.slope_min)

    def witness(self, tau: Any, h: Any = 1, **parameters: float) -> "np.ndarray | None":
        """A signal for which one step of size `tau` breaks the max-min principle, or None; see `keeps_range`.

        It has the form (r0 h, 0, r0 h); on d axes it has 3^d samples, all equal but that in the middle, 0. None if
        no signal of doubles was found that does so.

        Examples
        --------
        >>> from symtrans import Diffusivity, certify
        >>> c = certify(Diffusivity("exp(-r^2/2)"))
        >>> c.witness(0.5) is None
        True
        >>> c.witness(0.6)
        array([0.5, 0. , 0.5])
        >>> c.witness(0.3, h=(1, 1)).shape
        (3, 3)
        """
        import numpy as np

        found = self.keeps_range(tau, h, **parameters).witness
        return None if found is None else np.array(found)

    def keeps_range(self, tau: Any, h: Any = 1, *, scheme: Any = "explicit", **parameters: float) -> Verdict:
        """Whether one step of size `tau` keeps the max-min principle for every signal, with its evidence.

        Parameters
        ----------
        tau, h : number, str, Expr; a tuple of these or a Grid for h
        scheme : str
        **parameters : float
            Every parameter by keyword.

        Returns
        -------
        Verdict
            Where it is False, `witness` is a signal that shows it, if one of doubles was found.

        Examples
        --------
        >>> from symtrans import Diffusivity, certify
        >>> c = certify(Diffusivity("exp(-r^2/2)"))
        >>> [c.keeps_range(tau).value for tau in (0.5, 0.6)]
        [True, False]
        >>> c.keeps_range(0.6).witness
        (0.5, 0.0, 0.5)
        """
        scheme, names = scheme_of(scheme), self.activation.names
        numbers = self.activation.bind(parameters)
        exact = {symbol: sp.Rational(value) for symbol, value in numbers.items()}
        given = Grid.of(h)
        step = _exact(_not_negative(tau), exact, names)
        grid = given.with_sizes([_exact(size, exact, names) for size in given.sizes])
        if "max_min_step" not in self.steps(given, scheme=scheme):
            return Verdict(None, Evidence.UNKNOWN, (f"of the {scheme.name} scheme the max-min principle is not known",))
        rule, bound = scheme.rule("max_min_step"), self.steps(given, scheme=scheme)["max_min_step"]
        # of an enclosed bound, the end below which tau is safe, and the one above which it is not
        ends = [bound.value, bound.value if bound.evidence is Evidence.PROVED else bound.upper]
        below, above = (None if end is None else decided(compare, step, _exact(end, exact, names)) for end in ends)
        if below is not None and below <= 0:
            written = self.source.names.written(bound.value)
            return Verdict(True, bound.evidence, (rule.argument, ": ", TAU, AT_MOST, written))
        signal = None
        if scheme.spike is not None:
            signal = breaking_signal(scheme.spike, self.activation.half, step, grid, numbers, self._suspects(exact))
        if signal is not None:
            said = (f"the middle sample of {signal} leaves its range",)
            return Verdict(False, Evidence.PROVED, said, witness=signal)
        if above is not None and above > 0 and rule.sharp(grid):
            return Verdict(False, bound.evidence, (rule.argument, ": ", TAU, ABOVE, bound.value))
        is_open: Sentence = ("whether ", TAU, AT_MOST, bound.value, " is open")
        return Verdict(None, Evidence.UNKNOWN, bound.argument if bound.value is None else is_open)

    def _suspects(self, exact: Mapping[sp.Symbol, sp.Rational]) -> Iterator[float]:
        """Places r0 at which g is extreme, or jumps."""
        for bound in (self.g_max, self.g_min):
            if bound.attained is not None:
                place = float(_exact(bound.attained, exact, self.activation.names).evalf(20))
                if place > 0:
                    yield place
        for place in self.activation.half.breaks:
            yield float(_exact(place, exact, Names()).evalf(20))

    # -- words ------------------------------------------------------------------

    def explain(self) -> str:
        """The certificate as a paragraph of a paper."""
        return str(shown(self, "prose"))

    def __repr__(self) -> str:
        return f"certify({self.source!r})"

    def __str__(self) -> str:
        return self.explain()


_SECONDS = 2  # for the sign of a slope; where it stays open, both signs are cases
_steps: Cache[Mapping[str, Bound]] = Cache(512)


def _not_negative(tau: Any) -> sp.Expr:
    step = quantity(tau, "tau")
    if step.is_negative:
        raise NonlinearityError(f"the time step tau = {step} must not be negative")
    return step


def _exact(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Rational], names: Names) -> sp.Expr:
    """An expression of the user's with every parameter given its exact value."""
    inner = names.inward(expr)
    by_keyword = {keyword_of(symbol): value for symbol, value in values.items()}
    for symbol in inner.free_symbols:
        if keyword_of(symbol) not in by_keyword:
            raise NonlinearityError(f"give a value to {keyword_of(symbol)}, on which {expr} depends")
    return inner.subs({symbol: by_keyword[keyword_of(symbol)] for symbol in inner.free_symbols})
