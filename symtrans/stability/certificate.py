"""What is provable of a nonlinearity: bounds, verdicts, step sizes, witnesses.

Every statement carries its evidence. PROVED is exact and symbolic, with its
argument; ENCLOSED is interval arithmetic; all else is UNKNOWN with the reason.
The statements are those of the paper's Sections 3.1 and 3.4, sharpened: see
docs/mathematics.md for each with its proof.
"""

import operator
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

import sympy as sp

from symtrans.calculus.algebra.comparisons import largest
from symtrans.calculus.enclosures.balls import constant_sign
from symtrans.calculus.functions.half_line import HalfLine
from symtrans.calculus.signs.regions import sign_under
from symtrans.calculus.undecided import Undecided
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import Names, keyword_of, quantity
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation
from symtrans.runtime.display import shown

if TYPE_CHECKING:
    import numpy as np

_MOST_PROPOSALS = 200  # signals that a witness search verifies exactly


class Evidence(Enum):
    """How a statement is known: exactly, by interval arithmetic, or not.

    Examples
    --------
    >>> from symtrans import Activation, certify
    >>> certify(Activation("tanh(r)")).g_max.evidence
    <Evidence.PROVED: 'proved'>
    """

    PROVED = "proved"
    ENCLOSED = "enclosed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Bound:
    """A supremum, infimum or step size.

    Attributes
    ----------
    value : Expr or None
        Exact, in the parameters; may be oo; None if unknown.
    lower, upper : Expr or None
        A rigorous rational enclosure where the value is a number.
    attained : Expr or None
        An r >= 0 at which the value is attained; None if there is none, or none that holds for all parameters.
    evidence : Evidence
    reason : str
        The argument in one line.
    is_attained : bool or None
        False if the value is only approached; None if that depends on the parameters or was not asked.

    Examples
    --------
    >>> from symtrans import Activation, certify
    >>> bound = certify(Activation("r/(1 + r^2/lambda^2)")).slope_min
    >>> bound.value, bound.attained, bound.evidence.value
    (-1/8, sqrt(3)*lambda, 'proved')
    """

    value: sp.Expr | None
    evidence: Evidence
    reason: str
    attained: sp.Expr | None = None
    lower: sp.Expr | None = None
    upper: sp.Expr | None = None
    is_attained: bool | None = None


@dataclass(frozen=True)
class Verdict:
    """A yes or no.

    Attributes
    ----------
    value : bool or None
        None if unknown, or if it depends on the parameters.
    when : Boolean
        The exact condition for True where it depends on the parameters.
    evidence : Evidence
    reason : str

    Examples
    --------
    >>> from symtrans import Diffusivity, certify
    >>> verdict = certify(Diffusivity("(1 + r^2/lambda^2)^(-p)")).monotone
    >>> verdict.value, verdict.when, verdict.evidence.value
    (None, p <= 1/2, 'proved')
    """

    value: bool | None
    evidence: Evidence
    reason: str
    when: sp.Basic | None = None


class Jump(NamedTuple):
    """A jump of the activation at r = place > 0 or 0; by oddness there is one at -place too.

    Examples
    --------
    >>> from symtrans import catalogue
    >>> catalogue["hard"].certificate.jumps
    (Jump(place=sqrt(2)*theta, height=-sqrt(2)*theta),)
    """

    place: sp.Expr
    height: sp.Expr


@dataclass(frozen=True)
class Certificate:
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
    smoothness : int, oo or None
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

    @property
    def activation(self) -> Activation:
        """The activation Phi of which it speaks."""
        return self.source.to(Activation)

    # -- step sizes -----------------------------------------------------------

    def max_min_step(self, h: Any = 1) -> sp.Expr | None:
        """Largest tau with min f <= u <= max f for every f: h²/(2 g_max) if g >= 0, else 0 (eq. 7)."""
        return self.steps(h)["max_min_step"].value

    def sign_step(self, h: Any = 1, samples: int | None = None) -> sp.Expr | None:
        """Largest tau for which sign changes never grow: h²/(4 g_max) if g >= 0, else 0.

        With `samples` = N it is the bound sharp for signals of N samples,
        c(N) h²/g_max with c(N) = 1/(2 + 2 cos(2 pi/(2 N - 1))).
        """
        if samples is None:
            return self.steps(h)["sign_step"].value
        count = _count(samples, "samples")
        if count == 1:
            return sp.oo
        sharp = 1 / (2 + 2 * sp.cos(2 * sp.pi / (2 * count - 1)))
        return self._stable_up_to(sharp, _grid(h), "").value

    def nonexpansive_step(self, h: Any = 1) -> sp.Expr | None:
        """Largest tau for which distances of two signals never grow: h²/(2 K) if Phi increases, else 0."""
        return self.steps(h)["nonexpansive_step"].value

    def theorem2_step(self, h: Any = 1) -> sp.Expr | None:
        """The bound of Theorem 2, h²/(2 L), where g >= 0; safe, and sharp only if L = g_max (eq. 16)."""
        return self.steps(h)["theorem2_step"].value

    def energy_step(self, h: Any = 1) -> sp.Expr | None:
        """A tau up to which the energy sum Psi(D⁺u) never rises: h²/(2 K), K = max(0, sup Phi')."""
        return self.steps(h)["energy_step"].value

    def steps(self, h: Any = 1) -> Mapping[str, Bound]:
        """All step sizes with their evidence, by the name of the method.

        Parameters
        ----------
        h : number, str or Expr
            The grid size.
        """
        size = _grid(h)
        half, quarter = sp.Rational(1, 2), sp.Rational(1, 4)
        rising, up = self.monotone, self.slope_max
        return {
            "max_min_step": self._stable_up_to(half, size, "g >= 0 and tau g_max/h^2 <= 1/2"),
            "sign_step": self._stable_up_to(quarter, size, "g >= 0 and tau g_max/h^2 <= 1/4"),
            "nonexpansive_step": self._step_if(rising, up, half, size, "Phi increasing and tau K/h^2 <= 1/2"),
            "theorem2_step": self._step_if(self.nonnegative, self.lipschitz, half, size, "g >= 0 and tau L/h^2 <= 1/2"),
            "energy_step": self._step_if(_ALWAYS, up, half, size, "tau K/h^2 <= 1/2, K = max(0, sup Phi')"),
        }

    def _stable_up_to(self, ratio: sp.Expr, h: sp.Expr, reason: str) -> Bound:
        return self._step_if(self.nonnegative, self.g_max, ratio, h, reason)

    def _step_if(self, condition: Verdict, steepest: Bound, ratio: sp.Expr, h: sp.Expr, reason: str) -> Bound:
        """Ratio * h² / (the steepest slope) where the condition holds, 0 where it fails."""
        if condition.value is False:
            return Bound(sp.S.Zero, Evidence.PROVED, f"{reason}: {condition.reason}")
        if condition.evidence is Evidence.UNKNOWN:
            return Bound(None, Evidence.UNKNOWN, condition.reason)
        if steepest.value is None:
            return Bound(None, Evidence.UNKNOWN, steepest.reason)
        # of an enclosed slope the upper end counts: the step is safe
        slope = steepest.value if steepest.evidence is Evidence.PROVED else steepest.upper
        if slope is None:
            return Bound(None, Evidence.UNKNOWN, f"the slope {steepest.value} has no rational upper bound")
        value = self._ratio(ratio * h**2, slope)
        if condition.value is None:
            value = sp.Piecewise((sp.S.Zero, sp.Not(condition.when)), *_cases(value))
        if steepest.evidence is Evidence.PROVED or value.free_symbols or value is sp.oo:
            return Bound(value, steepest.evidence, reason)
        return Bound(value, steepest.evidence, reason, None, value, self._ratio(ratio * h**2, steepest.lower))

    def _ratio(self, top: sp.Expr, slope: sp.Expr) -> sp.Expr:
        """Top / slope; any step will do where the slope is not positive."""
        if slope is sp.oo:
            return sp.S.Zero
        if slope is -sp.oo:
            return sp.oo
        if isinstance(slope, sp.Piecewise):
            return sp.Piecewise(*((self._ratio(top, value), condition) for value, condition in slope.args))
        inner = self.activation.names.inward(slope)
        try:
            found = sign_under(self.source.assumptions, inner)
        except Undecided:
            found = None
        if found is not None:
            return top / slope if found > 0 else sp.oo
        if inner.is_positive or (isinstance(inner, sp.Max) and any(a.is_positive for a in inner.args)):
            return top / slope
        return sp.Piecewise((sp.oo, slope <= 0), (top / slope, True))

    def expansion(self, tau: Any, h: Any = 1, blocks: int = 1, norm: Any = 2, samples: int | None = None) -> Any:
        """Proved Lipschitz constant of the network of `blocks` blocks, in the norm 1, 2 or oo.

        For one block it is max(1, 1 + 4 tau mu/h², 4 tau K/h² - 1) with
        K = max(0, sup Phi') and mu = max(0, -inf Phi'); in the 2-norm both
        fractions carry the factor cos²(pi/(2 N)) for `samples` = N, whose
        supremum over N is 1. With a jump it is oo; None if a slope is unknown. Of an
        enclosed slope the outer end counts.
        """
        if not any(norm is known or norm == known for known in (1, 2, sp.oo, float("inf"), "inf", "oo")):
            raise NonlinearityError(f"norm = {norm!r} is none of 1, 2, oo")
        times, step = _count(blocks, "blocks"), quantity(tau, "tau")
        if step.is_negative:
            raise NonlinearityError(f"the time step tau = {step} must not be negative")
        ratio = 4 * step / _grid(h) ** 2
        if samples is not None:
            factor = sp.cos(sp.pi / (2 * _count(samples, "samples"))) ** 2
            ratio *= factor if norm == 2 else 1
        up, down = self.slope_max, self.slope_min
        largest_slope = up.upper if up.evidence is Evidence.ENCLOSED else up.value
        least_slope = down.lower if down.evidence is Evidence.ENCLOSED else down.value
        if largest_slope is None or least_slope is None:
            return None
        # case by case: SymPy's Max misreads a Piecewise with an infinite case
        found = [
            (_growth(ratio, high, low) ** times, sp.And(one, other))
            for high, one in _cases(largest_slope)
            for low, other in _cases(least_slope)
        ]
        return sp.Piecewise(*found)

    # -- counterexamples and words ----------------------------------------------

    def witness(self, tau: Any, h: Any = 1, **parameters: float) -> "np.ndarray | None":
        """A signal for which one step of size `tau` breaks the max-min principle, or None.

        It has the form (r0 h, 0, r0 h): the middle sample then becomes
        2 (tau/h²) g(r0) r0 h, outside [0, r0 h] just when tau g(r0)/h² > 1/2
        or g(r0) < 0. None if no signal of doubles was found that does so.

        Examples
        --------
        >>> from symtrans import Diffusivity, certify
        >>> c = certify(Diffusivity("exp(-r^2/2)"))
        >>> c.witness(0.5) is None
        True
        >>> c.witness(0.6)
        array([0.5, 0. , 0.5])
        """
        import numpy as np

        from symtrans.calculus.functions.evaluation import array_function

        numbers = self.activation.bind(parameters)
        names = self.activation.names
        exact = {symbol: sp.Rational(value) for symbol, value in numbers.items()}
        ratio = _exact(quantity(tau, "tau") / _grid(h) ** 2, exact, names)
        size = _exact(_grid(h), exact, names)
        flux = self.activation.half
        places = np.fromiter(self._suspects(numbers), dtype=float)
        places = places[np.isfinite(places) & (places > 0)]
        with np.errstate(all="ignore"):
            middle = 2 * float(ratio) * array_function(flux)(places, numbers)
            excess = np.maximum(middle - places, -middle) / places
        # floating point only proposes; what is returned is proved to break the principle
        proposed = places[np.isfinite(excess) & (excess > 0)]
        given = flux.subs(exact)
        for height in proposed[:_MOST_PROPOSALS] * float(size):
            # the difference quotient of the doubles that are returned
            if 0 < height < np.inf and _breaks(given, sp.Rational(float(height)) / size, ratio):
                return np.array([height, 0.0, height])
        return None

    def _suspects(self, numbers: Mapping[sp.Symbol, float]) -> Iterator[float]:
        """Places r0 near which g is extreme, simplest first, then a geometric sweep."""
        scales = [1.0]
        for bound in (self.g_max, self.g_min):
            if bound.attained is not None:
                place = _number(bound.attained, numbers, self.activation.names)
                if place > 0:
                    yield place
                    scales.append(place)
        scales += [_number(b, numbers, Names()) for b in self.activation.half.breaks]
        for scale in scales:
            for k in range(61):
                yield from (scale * 2.0**-k, scale * 2.0**k)
                yield from (scale * (1 - 2.0**-k), scale * (1 + 2.0**-k))
        yield from (10 ** (k / 1000 * 6) for k in range(-1000, 1001))

    def explain(self) -> str:
        """The certificate as a paragraph of a paper."""
        return str(shown(self, "prose"))

    def _repr_html_(self) -> str:
        return str(shown(self, "html"))

    def _repr_latex_(self) -> str:
        return str(shown(self, "latex"))


_ALWAYS = Verdict(True, Evidence.PROVED, "no condition")


def _cases(value: sp.Expr) -> tuple[tuple[sp.Expr, Any], ...]:
    return tuple(value.args) if isinstance(value, sp.Piecewise) else ((value, sp.true),)


def _growth(ratio: sp.Expr, largest_slope: sp.Expr, least_slope: sp.Expr) -> sp.Expr:
    """max(1, 1 + ratio mu, ratio K - 1) of one region of the parameters; `ratio` is 4 tau/h² or less."""
    if ratio == 0:
        return sp.S.One
    if sp.oo in (largest_slope, -least_slope):
        return sp.oo
    growths = [sp.S.One, 1 - ratio * least_slope, ratio * largest_slope - 1]
    try:
        return largest(growths)
    except Undecided:  # two numbers closer together than any digits that were looked at
        return sp.Max(*growths, evaluate=False)


def _count(value: Any, what: str) -> int:
    """A positive whole number, also one of NumPy's."""
    try:
        number = 0 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise NonlinearityError(f"{what} = {value!r} must be a positive whole number")
    return number


def _grid(h: Any) -> sp.Expr:
    size = quantity(h, "h")
    if size.is_zero or size.is_negative:
        raise NonlinearityError(f"the grid size h = {h!r} must be positive")
    return size


def _breaks(flux: HalfLine, place: sp.Expr, ratio: sp.Expr) -> bool:
    """Whether the middle of (place, 0, place) provably leaves [0, place] in one step."""
    try:
        middle = 2 * ratio * flux.at(place)
        return constant_sign(middle) == -1 or constant_sign(middle - place) == 1
    except Undecided:
        return False


def _exact(expr: sp.Expr, values: Mapping[sp.Symbol, sp.Rational], names: Names) -> sp.Expr:
    """An expression of the user's with every parameter given its exact value."""
    inner = names.inward(expr)
    by_keyword = {keyword_of(symbol): value for symbol, value in values.items()}
    for symbol in inner.free_symbols:
        if keyword_of(symbol) not in by_keyword:
            raise NonlinearityError(f"give a value to {keyword_of(symbol)}, on which {expr} depends")
    return inner.subs({symbol: by_keyword[keyword_of(symbol)] for symbol in inner.free_symbols})


def _number(expr: sp.Expr, numbers: Mapping[sp.Symbol, float], names: Names) -> float:
    return float(_exact(expr, {s: sp.Rational(v) for s, v in numbers.items()}, names).evalf(20))
