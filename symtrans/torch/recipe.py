"""A network as one line of text: what an op is told, so that a graph that was saved finds its kernel in any process."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from typing import Any

import numpy as np
import sympy as sp

from symtrans.catalogue import catalogue
from symtrans.catalogue.family import Family
from symtrans.codegen.network import Network
from symtrans.codegen.tables import FEWEST
from symtrans.errors import NonlinearityError, StabilityError
from symtrans.language.symbols import keyword_of, short
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import KINDS, Activation
from symtrans.nonlinearity.named import entry_named, identifier_of, near_names
from symtrans.schemes.grid import sizes_of
from symtrans.stability.prose import plain_formula, short_formula
from symtrans.stability.prover import certify

SHARE = "tau_share"
"""The parameter that is learned for the time step: which share of the largest stable one it is."""

RULES = {
    "max-min": "max_min_step",
    "sign": "sign_step",
    "nonexpansive": "nonexpansive_step",
    "euclidean": "euclidean_step",
}
"""What a network may be asked to keep, and the step of the certificate that keeps it."""

UNIFORM = "Uniform"
"""Instead of a kind: any spline on uniform knots with 0 <= Phi(r)/r <= 1; its values are given at each call."""

_KINDS = {kind.__name__: kind for kind in KINDS}


@dataclass(frozen=True)
class Recipe:
    """A nonlinearity and a network of it, in words.

    Of splines that are learned it is the box that they stay in, and a member of it stands for them.

    Attributes
    ----------
    kind, formula, variable : str
        The nonlinearity as it was entered.
    assume : tuple of str
    shrinkage_tau : str
        The time step of a shrinkage function; else empty.
    name : str
        What its files are called.
    blocks : int
    h : tuple of str
    boundary, coupling : str
    channels : bool
        Whether channels share one gradient.
    scheme : str
    cycle : int or None
        The steps of a block of a scheme whose blocks are cycles.
    stability : str
        Empty where nothing is to be kept.
    """

    kind: str
    formula: str
    variable: str
    assume: tuple[str, ...]
    shrinkage_tau: str
    name: str
    blocks: int = 1
    h: tuple[str, ...] = ("1",)
    boundary: str = "reflecting"
    coupling: str = "isotropic"
    channels: bool = False
    scheme: str = "explicit"
    cycle: int | None = None
    stability: str = ""

    @classmethod
    def of(cls, x: Family | Kind | str, h: Any = 1, **network: Any) -> "Recipe":
        """The recipe of what a user gives, who is told what is wrong with it.

        Raises
        ------
        NonlinearityError
            If there is no such network, or a symbol of it has assumptions that text does not carry.
        StabilityError
            If no step keeps what is to be kept.
        """
        x = _looked_up(x)
        name = (identifier_of(x.called) if isinstance(x, Family) else "") or "network"
        source = x.source if isinstance(x, Family) else x
        if not isinstance(source, Kind):
            if isinstance(x, str) and (near := near_names(x)):
                raise NonlinearityError(near)
            raise NonlinearityError(
                f"{x!r} is neither a Family, the name of one, nor one of the four kinds; "
                'a formula is given as one of these, as in symtrans.Activation("tanh(r)")'
            )
        sizes = tuple(map(str, sizes_of(h)))
        tau = str(source.tau) if hasattr(source, "tau") else ""
        for formula in (plain_formula(source), sp.srepr(source.expr)):
            words = (type(source).__name__, formula, source.variable.name)
            recipe = cls(*words, tuple(map(str, source.assumed)), tau, name, h=sizes, **network)
            if recipe.nonlinearity == source:
                _network(recipe)  # refuses what cannot be
                return recipe
        raise NonlinearityError(f"{source!r} does not come back from its text; give it positive parameters")

    @classmethod
    def of_splines(cls, knots: int, last: Fraction, h: Any = 1, **network: Any) -> "Recipe":
        """The recipe of splines that are learned: so many knots, equally far apart, up to the last."""
        sizes = tuple(map(str, sizes_of(h)))
        recipe = cls(UNIFORM, f"{knots} {last}", "r", (), "", "spline", h=sizes, **network)
        _network(recipe)
        return recipe

    @classmethod
    def read(cls, text: str) -> "Recipe":
        """What `str` wrote."""
        fields: dict[str, Any] = json.loads(text)
        for key in ("assume", "h"):
            fields[key] = tuple(fields[key])
        return cls(**fields)

    def __str__(self) -> str:
        return json.dumps(asdict(self))

    @property
    def nonlinearity(self) -> Kind:
        """As it was entered."""
        return _nonlinearity(self.kind, self.formula, self.variable, self.assume, self.shrinkage_tau)

    @property
    def network(self) -> Network:
        """The network; its step is a share of the largest that keeps what is to be kept."""
        return _network(self)

    def with_tau(self, x: Kind, blocks: int, tau: sp.Expr, **options: Any) -> Network:
        """A network like this one, of any nonlinearity, number of blocks and step."""
        h = self.h[0] if self.axes == 1 else self.h
        grid: dict[str, Any] = {"h": h, "boundary": self.boundary, "coupling": self.coupling, "channels": self.channels}
        return Network(x, blocks, tau, scheme=self.scheme, cycle=self.cycle, name=self.name, **grid, **options)

    @property
    def bound(self) -> sp.Expr:
        """The largest step that keeps what is to be kept, in the parameters; oo where every one does."""
        tau, share = self.network.tau, sp.Symbol(SHARE, positive=True)
        return sp.oo if tau == share / (1 - share) else tau / share

    @property
    def parameters(self) -> tuple[str, ...]:
        """Keywords of what a kernel is given, in order; the share is one of them."""
        return tuple(keyword_of(symbol) for symbol in self.network.parameters)

    @property
    def step(self) -> Fraction:
        """How far apart the knots of splines that are learned are."""
        knots, last = self.formula.split()
        return Fraction(last) / int(knots)

    @property
    def axes(self) -> int:
        """How many axes are filtered, the last ones."""
        return len(self.h)


class Assumptions:
    """What is assumed of the parameters of a nonlinearity, as a < b: to be checked whenever numbers have changed."""

    def __init__(self, nonlinearity: Kind) -> None:
        symbols = {keyword_of(symbol): symbol for symbol in nonlinearity.parameters}
        self.keys = tuple(symbols)
        self._relations = [
            (relation, sp.lambdify(list(symbols.values()), relation, "numpy")) for relation in nonlinearity.assumed
        ]

    def __bool__(self) -> bool:
        return bool(self._relations)

    def refuse_contradiction(self, numbers: Mapping[str, np.ndarray]) -> None:
        """Refuse numbers under which nothing has been proved.

        Raises
        ------
        NonlinearityError
            If they contradict what is assumed of them.
        """
        for relation, holds in self._relations:
            if not np.all(holds(*(numbers[key] for key in self.keys))):
                shown = ", ".join(f"{key} = {short(str(numbers[key]))}" for key in self.keys)
                raise NonlinearityError(f"{shown} contradict the assumption {relation}")


def _looked_up(x: Any) -> Any:
    """The family of that name; what is no name of one as it is."""
    return catalogue[x] if isinstance(x, str) and entry_named(x) is not None else x


def own_values(x: Any, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Values by the parameters' own names, where some came by other names of the literature."""
    x = _looked_up(x)
    source = x.source if isinstance(x, Family) else x
    if not isinstance(source, Kind) or not source.names.known_as:
        return values
    own = source.names.own_values(values)
    return {key: float(value) if isinstance(value, sp.Basic) else value for key, value in own.items()}


@lru_cache(maxsize=256)
def _nonlinearity(kind: str, formula: str, variable: str, assume: tuple[str, ...], tau: str) -> Kind:
    if kind == UNIFORM:  # at its widest in the box: g = 1 at 0, and slopes within [0, 1], no two neighbours alike
        knots, last = formula.split()
        step = Fraction(last) / int(knots)
        rises = [step, *(step / (2 + k % 2) for k in range(max(int(knots), FEWEST - 1)))]
        values = list(accumulate(rises, initial=Fraction(0)))
        return Activation.from_knots([k * step for k in range(len(values))], values)
    made: Kind = _KINDS[kind](formula, variable=variable, assume=assume, **({"tau": tau} if tau else {}))
    return made


def _may_be_zero(bound: sp.Expr) -> bool:
    """Whether a bound is 0, or one of its cases is: training may lead there."""
    return bound == 0 or any(value == 0 for cases in bound.atoms(sp.Piecewise) for value, _ in cases.args)


@lru_cache(maxsize=256)
def _network(recipe: Recipe) -> Network:
    source, share = recipe.nonlinearity, sp.Symbol(SHARE, positive=True)
    if SHARE in (symbol.name for symbol in source.parameters):
        raise NonlinearityError(
            f"{SHARE} is what a network learns for itself; call the parameter of {source} otherwise"
        )
    probe = recipe.with_tau(source, recipe.blocks, share, unstable="allow")
    if symbols := sp.Tuple(*probe.grid.sizes).free_symbols:
        raise NonlinearityError(f"h = {', '.join(recipe.h)}: {min(map(str, symbols))} is a symbol; give numbers")
    if not recipe.stability:
        return probe
    steps, rule = certify(source).steps(probe.grid, scheme=probe.scheme), RULES[recipe.stability]
    if rule not in steps:
        able = ", ".join(word for word, step in RULES.items() if step in steps)
        raise StabilityError(
            f"the {recipe.scheme} scheme does not keep stability={recipe.stability!r}; it keeps {able}"
        )
    bound = steps[rule]
    if bound.value is None or _may_be_zero(bound.value):
        never = "is known to keep" if bound.value is None else "keeps"
        everywhere = "" if bound.value in (None, 0) else f" for all parameters, tau <= {short(str(bound.value))},"
        raise StabilityError(
            f"no step {never} stability={recipe.stability!r}{everywhere} "
            f"for Phi = {short_formula(probe.activation)}: {bound.reason}; "
            f"ask for another of {', '.join(RULES)}, or give parameters numbers by subs"
        )
    # where every step will do, the share of all of them
    return recipe.with_tau(source, recipe.blocks, share / (1 - share) if bound.value is sp.oo else share * bound.value)
