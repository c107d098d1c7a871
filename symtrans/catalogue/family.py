"""A family: one row of the dictionary, the same nonlinearity in all four kinds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import sympy as sp

from symtrans.calculus.functions.expression import expression
from symtrans.catalogue.nearest import TABLE_3, Nearest, nearest
from symtrans.errors import NonlinearityError, NoSuchForm, with_article
from symtrans.language.symbols import NO_VALUES, QUARTER, quantity, r, resolve_values, time_step, together
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.admission import listed
from symtrans.nonlinearity.kind import AnyKind, Kind, known_kind
from symtrans.nonlinearity.kinds import KINDS, Activation, Diffusivity, Regulariser, Shrinkage
from symtrans.nonlinearity.missing import Missing
from symtrans.nonlinearity.named import entry_named, key_of, near_names
from symtrans.runtime.budgets import DEFAULT_BUDGET, seconds
from symtrans.runtime.caches import Cache
from symtrans.runtime.display import Shown, shown
from symtrans.runtime.public import public
from symtrans.runtime.signatures import own_keywords

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.axes import Axes

    from symtrans.nonlinearity.proximal import Proximal
    from symtrans.stability.certificate import Certificate

_families: "Cache[Family]" = Cache(512)


@public
@dataclass(frozen=True, repr=False)
class Family(Shown):
    """One nonlinearity as diffusivity, regulariser, shrinkage function and activation.

    Attributes
    ----------
    name : str
        Empty for a nonlinearity of the user's own.
    tau : Expr
        The time step to which the shrinkage function belongs.
    diffusivity, regulariser, shrinkage, activation
        The four forms; in place of one that does not exist a `Missing` with its reason.
    source : Kind
        The form in which it was entered.
    called : str
        What it was asked for as, such as the alias "soft": it titles rows, plots and files. `==` ignores it.

    Examples
    --------
    >>> family = translate(Activation("r/(1 + r^2/a^2)"), name="mine")
    >>> family.name, family.parameters, family.diffusivity
    ('mine', (a,), Diffusivity('1/(1 + r^2/a^2)'))
    """

    name: str
    tau: sp.Expr
    diffusivity: Diffusivity
    regulariser: Regulariser
    shrinkage: Shrinkage
    activation: Activation
    source: Kind
    budget: float = field(default=DEFAULT_BUDGET, compare=False)
    called: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "called", self.called or self.name)

    def __repr__(self) -> str:
        """What rebuilds it: its name in the catalogue, or how it was entered."""
        entry = entry_named(self.name)
        own_step = self.source.tau if isinstance(self.source, Shrinkage) else QUARTER
        if entry is not None and self.tau == own_step and self.source == entry.nonlinearity:
            return f"catalogue[{self.called!r}]"
        words = [repr(self.source)]
        if self.tau != own_step:
            words.append(f"tau={plain(self.source.names.written(self.tau))!r}")
        if self.name:
            words.append(f"name={self.name!r}")
        return f"translate({', '.join(words)})"

    def __str__(self) -> str:
        return str(shown(self, "text"))

    @property
    def forms(self) -> tuple[Kind, ...]:
        """The four forms in the order of the paper's tables, or those of them that exist."""
        return tuple(form for form in self.columns if isinstance(form, Kind))

    @property
    def missing(self) -> "tuple[Missing, ...]":
        """The forms that do not exist, each with its reason."""
        return tuple(form for form in self.columns if isinstance(form, Missing))

    @property
    def columns(self) -> "tuple[Kind | Missing, ...]":
        """The four forms in the order of the paper's tables, those that do not exist included."""
        return self.diffusivity, self.regulariser, self.shrinkage, self.activation

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """The parameters of the nonlinearity, sorted by name (`tau` is not among them)."""
        return self.source.parameters

    @property
    def psi(self) -> Activation:
        """The influence function of robust statistics, psi = Phi = rho'."""
        return self.activation

    @property
    def weight(self) -> Diffusivity:
        """The weight function of robust statistics, w = g = psi(r)/r."""
        return self.diffusivity

    @property
    def rho(self) -> Regulariser:
        """The loss of robust statistics, rho = Psi/2.

        Examples
        --------
        >>> translate(Activation("r exp(-a |r|)"), name="Ramsay").rho([0.0, 1.0], a=1.0).round(6)
        array([0.      , 0.264241])
        """
        loss = self.regulariser
        half = loss.half.map(lambda value, _: value / 2, loss.parity, sp.S.Zero)
        return Regulariser._derived(half, loss.names, assumptions=loss.assumptions)

    @cached_property
    def certificate(self) -> "Certificate":
        """What is proved of it; computed once, when first asked for."""
        from symtrans.stability.prover import certify  # the forms do without

        return certify(self.source, budget=self.budget)

    def to(self, kind: type[AnyKind] | str) -> AnyKind:
        """The form of the given kind, which may be told by its name."""
        kind = known_kind(kind)
        found = self.columns[KINDS.index(kind)]
        if isinstance(found, Missing):
            raise NoSuchForm(found.reason)
        assert isinstance(found, kind)
        return found

    def spread(self, *kinds: type[Kind]) -> "Family":
        """The same family with the forms of the given kinds printed as sums of terms."""
        chosen = tuple(map(known_kind, kinds))
        forms: dict[str, Any] = {type(f).__name__.lower(): f.spread() for f in self.forms if isinstance(f, chosen)}
        return replace(self, **forms)

    @own_keywords(lambda family: family.source._keywords())
    def subs(self, values: Mapping[sp.Symbol | str, Any] = NO_VALUES, /, **parameters: Any) -> "Family":
        """Give parameters (and a symbolic `tau`) values: a mapping of symbols or keyword names, or keywords.

        Examples
        --------
        >>> translate(Shrinkage("Max(|r| - theta, 0) sgn(r)")).subs(theta=2).activation
        Activation('Piecewise((r, |r| <= 2*sqrt(2)), (2*sqrt(2)*sgn(r), otherwise))')
        """
        written = together(values, parameters)
        given = self.source.names.own_values(written)
        if isinstance(self.source, Shrinkage):
            shrinkage = self.source.subs(written)
            return translate(shrinkage, tau=shrinkage.tau, budget=self.budget)
        of_step = {key: symbol for symbol in self.tau.free_symbols for key in (symbol, symbol.name)}
        shared = {key for symbol in self.parameters for key in (symbol, symbol.name)}
        steps = {of_step[key]: quantity(value, "tau") for key, value in given.items() if key in of_step}
        own = {key: value for key, value in given.items() if key not in of_step or key in shared}
        source, tau = self.source.subs(own).spelling(written), self.tau.subs(steps, simultaneous=True)
        return translate(source, tau=tau, budget=self.budget)

    def proximal(self, alpha: Any, budget: float = DEFAULT_BUDGET, assume: Iterable[Any] = ()) -> "Proximal":
        """The minimiser u of (u - f)² + alpha Psi(u), as a function of f (eq. 14, one sample).

        In closed form where u + alpha Phi(u) = f has one, derived piece by piece and checked; else it
        evaluates by bisection between proved ends. Where u + alpha Phi(u) is not monotone, the
        branches are listed, and the minimiser is the one of least energy.

        Examples
        --------
        >>> translate(Activation("sgn(r)")).proximal("1/4").expr
        Piecewise((0, Abs(f) <= 1/4), (f - sign(f)/4, True))

        Where the answer depends on alpha, `assume` says what holds of it:

        >>> hat = translate(Activation("Piecewise((r, |r| <= 1), (2 sgn(r) - r, |r| <= 2), (0, otherwise))"))
        >>> hat.proximal("alpha", assume=["alpha < 1"]).solutions[1]
        (Interval(1, 2), (2*alpha - f)/(alpha - 1))
        """
        from symtrans.nonlinearity.proximal import proximal  # loads SymPy's solvers

        return proximal(self, alpha, seconds(budget), assume)

    def conjugate(self, budget: float = DEFAULT_BUDGET) -> sp.Expr:
        """Psi*(f) = sup over r of (f r - Psi(r)), for a convex Psi; oo where it is not finite.

        Raises
        ------
        NonlinearityError
            If Psi is not proved convex, or Psi'(r) = f has no closed form.

        Examples
        --------
        >>> translate(Activation("2 r")).conjugate()
        f**2/8
        """
        from symtrans.nonlinearity.conjugate import conjugate

        if self.certificate.convex.value is not True:
            raise NonlinearityError(f"{self.regulariser!r} is not proved convex: {self.certificate.convex.reason}")
        return conjugate(self.activation, self.regulariser, seconds(budget))

    @property
    def derivative(self) -> sp.Expr:
        """Phi'(r); at a break and at 0 its limit from the side of 0 (jumps of Phi leave no trace).

        Examples
        --------
        >>> translate(Activation("Min(|r|, 2) sgn(r)")).derivative
        Piecewise((1, Abs(r) <= 2), (0, True))
        """
        return self.activation.names.outward(expression(self.activation.half.derivative(), r))

    def derivative_by(self, parameter: sp.Symbol | str) -> sp.Expr:
        """The derivative of Phi(r) by one parameter at fixed r; at a break its limit from the side of 0.

        Examples
        --------
        >>> translate(Activation("r exp(-r^2/a)")).derivative_by("a")
        r**3*exp(-r**2/a)/a**2
        """
        (symbol,) = resolve_values(self.parameters, {parameter: 1})
        names = self.activation.names
        return names.outward(expression(self.activation.half.derivative_by(names.inward(symbol)), r))

    @public
    def nearest(self, among: "Iterable[str | Family]" = TABLE_3, *, reach: Any = None) -> tuple[Nearest, ...]:
        """The known families that this one is near to, the nearest first: how a learned activation is read.

        Parameters
        ----------
        among : iterable of str or Family
            Which are looked at; the six of the paper. The whole `catalogue` takes half a minute.
        reach : number, optional
            Up to which r activations are compared, all r alike; twice the last break where there is one.

        Examples
        --------
        >>> learned = translate(Activation.from_knots([0, 1, 2, 3, 4], [0, 0.9, 1.1, 0.8, 0.4], tail="constant"))
        >>> print(learned.nearest(reach=4)[0])
        perona-malik (lam = 1.88) times 0.9452, 2.81 % away
        """
        return nearest(self.activation, (among,) if isinstance(among, str | Family) else among, reach)

    def plot(
        self,
        ax: Any = None,
        columns: Sequence[type[Kind] | str] = KINDS,
        extent: float | None = None,
        **parameters: float,
    ) -> "np.ndarray":
        """Draw its curves with matplotlib (extra "plot"), each scaled by itself.

        At a jump a filled dot is the value taken, open ones the limits that are not; ticks above
        mark where the formula changes.

        Parameters
        ----------
        ax : Axes or sequence of Axes, optional
            One for each column; else a new figure of pyplot.
        columns : sequence of kinds
            Which forms, in which order.
        extent : float, optional
            Draw for -extent <= r <= extent; else chosen by the breaks.
        **parameters : float
            By keyword; any that is missing is 1.

        Returns
        -------
        ndarray of Axes, shape (columns,)

        Examples
        --------
        >>> from symtrans import catalogue
        >>> axes = catalogue["hard"].plot(columns=[Shrinkage, Activation], theta=2.0)  # doctest: +SKIP
        """
        columns = tuple(map(type, self.forms)) if columns is KINDS else tuple(map(known_kind, columns))
        axes: np.ndarray = shown(self, "plot", ax, columns, extent, self.source.names.own_values(parameters))
        return axes

    def compare(
        self,
        *others: "Family | str",
        kind: type[Kind] | str = Activation,
        ax: "Axes | None" = None,
        extent: float | None = None,
        **parameters: float,
    ) -> "Axes":
        """Draw one form of this family and of others over each other.

        Parameters
        ----------
        *others : Family, or its name in the catalogue
        kind : kind
            Which form.
        ax, extent, **parameters
            As those of `plot`; a parameter counts for every family that has it.

        Returns
        -------
        Axes

        Examples
        --------
        >>> from symtrans import catalogue
        >>> Family.compare(catalogue["soft"], catalogue["hard"], kind=Shrinkage)  # doctest: +SKIP
        """
        families = tuple(map(translate, others))
        known = (each.source.names.own_values(parameters) for each in (self, *families))
        values = {key: value for one in known for key, value in one.items()}
        return shown(self, "compare", families, known_kind(kind), ax, extent, values)  # type: ignore[no-any-return]


@public
def translate(
    nonlinearity: "Kind | Family | str",
    tau: Any = None,
    *,
    assume: Iterable[Any] = (),
    budget: float = DEFAULT_BUDGET,
    name: str = "",
) -> Family:
    """Derive all four forms of a nonlinearity: one row of the dictionary.

    Parameters
    ----------
    nonlinearity : Kind, Family, or the name of a family
    tau : number, str or Symbol, optional
        The time step of the shrinkage function, default 1/4 (the tau of the nonlinearity itself, if it is a shrinkage).
    assume : list of inequalities, optional
        What holds of the parameters, as in ``[a < b]`` or ``["a < b"]``, where the order of the breaks depends on it.
    budget : float
        Seconds. What is not found in time is an unevaluated Integral, or
        UNKNOWN in the certificate.

    Raises
    ------
    NonlinearityError
        If one of the forms does not exist.

    Examples
    --------
    >>> family = translate(Activation("r exp(-r^2/(2 lambda^2))"))
    >>> family.regulariser
    Regulariser('2*lambda^2*(1 - exp(-r^2/(2*lambda^2)))')
    >>> family.certificate.g_max.value
    1
    """
    budget = seconds(budget)
    if not isinstance(name, str):
        raise NonlinearityError(f"name = {name!r} is {with_article(type(name).__name__)}; give text")
    if isinstance(nonlinearity, str) and (entry := entry_named(nonlinearity)) is not None:
        found = translate(entry.nonlinearity, tau, assume=assume, budget=budget, name=name or entry.name)
        return replace(found.spread(*entry.spread), called=name or key_of(nonlinearity))
    if isinstance(nonlinearity, Family):
        found = translate(nonlinearity.source, tau, assume=assume, budget=budget, name=nonlinearity.name)
        return replace(found, called=nonlinearity.called)
    if not isinstance(nonlinearity, Kind):
        if isinstance(nonlinearity, str) and (near := near_names(nonlinearity)):
            raise NonlinearityError(near)
        raise NonlinearityError(
            f"{nonlinearity!r} is {with_article(type(nonlinearity).__name__)}; say which kind it is, "
            'for example Diffusivity("exp(-r^2)"); a family has its name, as in catalogue["soft"]'
        )
    if assume := listed(assume):
        nonlinearity = nonlinearity.assuming(*assume)
    nonlinearity = nonlinearity.spelling(tau)
    tau = None if tau is None else time_step(tau)
    key = (nonlinearity.key, tau, name)
    family = _families.get(key, budget, lambda: _translate(nonlinearity, tau, budget, name))
    return family if family.budget == budget else replace(family, budget=budget)


def _translate(nonlinearity: Kind, tau: Any, budget: float, name: str) -> Family:
    if isinstance(nonlinearity, Shrinkage) and tau is None:
        tau = nonlinearity.tau
    forms: dict[type[Kind], Any] = {}
    for kind in (Shrinkage, Diffusivity, Regulariser, Activation):
        try:
            forms[kind] = nonlinearity.to(kind, tau=tau, budget=budget)
        except NoSuchForm as refusal:
            forms[kind] = Missing(kind, str(refusal))
        if isinstance(nonlinearity, Shrinkage):
            nonlinearity = forms[Shrinkage]  # at the step that was asked for
    step = forms[Shrinkage].tau if forms[Shrinkage] else QUARTER if tau is None else tau
    return Family(name, step, source=nonlinearity, budget=budget, **{k.__name__.lower(): f for k, f in forms.items()})
