"""Table 1 of the paper: twelve rules as data, and how a rule is applied.

Each rule is one SymPy formula with an undefined function in it. Its LaTeX is
what Table 1 prints; its application to a nonlinearity is carried out piece by
piece on the half line. There is no other place where a translation is written.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sympy as sp
from sympy.core.function import AppliedUndef

from symtrans.calculus.budget import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.calculus.cache import Cache
from symtrans.calculus.cases import Region
from symtrans.calculus.confined import confined, under
from symtrans.calculus.integrals import Diverges, integral_from_zero
from symtrans.calculus.pieces import HalfLine, Parity
from symtrans.calculus.undecided import Undecided
from symtrans.errors import NonlinearityError
from symtrans.kinds import Activation, AnyKind, Diffusivity, Kind, Regulariser, Shrinkage
from symtrans.names import QUARTER, Names, r, seconds, time_step

x = sp.Symbol("x", real=True)
tau = sp.Symbol("tau", positive=True)
alpha = sp.Symbol("alpha", positive=True)
g, Psi, Psi_prime, S, Phi = map(sp.Function, ("g", "Psi", "Psi'", "S", "Phi"))
_root2 = sp.sqrt(2)


class NotInTime(NonlinearityError):
    """A translation for which the budget did not suffice."""


@dataclass(frozen=True)
class Rule:
    r"""One entry of Table 1.

    Attributes
    ----------
    source, target : type of Kind
    formula : Expr
        The target function of `r`, in terms of the undefined function of the
        source; `alpha` is the regularisation parameter of the variational
        model (eq. 14), equal to `tau` for one explicit step.

    Examples
    --------
    >>> from symtrans import Activation, Diffusivity, dictionary
    >>> rule = dictionary[Diffusivity, Activation]
    >>> rule.latex
    '\\Phi(r) = g(r) \\, r'
    >>> rule.apply(Diffusivity("exp(-r^2)"))
    Activation('r*exp(-r^2)')
    """

    source: type[Kind]
    target: type[Kind]
    formula: sp.Expr

    @property
    def latex(self) -> str:
        r"""The formula as Table 1 prints it, such as ``\Phi(r) = g(r) \, r``."""
        from symtrans.present.latex import rule_latex  # the writers stand above this room

        return rule_latex(self)

    def apply(self, nonlinearity: Kind, *, tau: Any = None, budget: float = DEFAULT_BUDGET) -> Kind:
        """Translate one nonlinearity.

        Parameters
        ----------
        nonlinearity : Kind
            Of the type `source`.
        tau : number, str or Symbol, optional
            The time step of the shrinkage that results (default 1/4). A
            shrinkage as source brings its own.
        budget : float
            Seconds; an integral not found in time stays an `Integral`.

        Raises
        ------
        NonlinearityError
            If the translation does not exist (a regulariser with Psi(0) = 0
            of a flux that is not integrable at 0).

        Examples
        --------
        >>> dictionary[Diffusivity, Shrinkage].apply(Diffusivity("exp(-r^2)"))
        Shrinkage('r*(1 - exp(-2*r^2))')
        """
        if type(nonlinearity) is not self.source:
            raise NonlinearityError(f"this rule translates a {self.source.__name__}, not {nonlinearity!r}")
        step, budget = _step(nonlinearity, tau), seconds(budget)
        names = nonlinearity.names
        if any(symbol.name == names.variable.name for symbol in step.free_symbols):
            raise NonlinearityError(f"tau = {step} holds the variable {names.variable}; call the time step otherwise")
        try:
            with time_limit(budget):
                names = names.knows(step) if self.target is Shrinkage else names
                return self._apply(nonlinearity, names, Names().inward(step), step, budget)
        except OutOfTime:
            late = f"was not found within {budget:g} s; give a larger budget"
            raise NotInTime(f"the {self.target.__name__.lower()} of {nonlinearity!r} {late}") from None
        except Diverges as reason:
            what = f"does not exist: {str(reason).replace('_x', str(names.variable))}"
        except Undecided as question:
            what = f"was not found: {str(question).replace('_x', f'|{names.variable}|')}"
        except RecursionError:
            what = "was not found: a formula on the way is nested too deeply"
        raise NonlinearityError(f"the {self.target.__name__.lower()} of {nonlinearity!r} {what}")

    def _apply(self, source: Kind, names: Names, step: sp.Expr, shown: sp.Expr, budget: float) -> Kind:
        formula = self.formula.subs({alpha: step, globals()["tau"]: step})
        node = _unknown(formula)

        def in_region(region: Region) -> HalfLine:
            known = _evaluate(node, confined(source.half, region), budget)
            origin = sp.S.Zero if self.target is not Diffusivity else None
            return known.map(lambda value, place: formula.xreplace({node: value, r: place}), self.target.parity, origin)

        half = under(source.assumptions, in_region)
        more = {"tau": shown} if self.target is Shrinkage else {}
        return self.target._derived(half, names, assumptions=source.assumptions, **more)


def _unknown(formula: sp.Expr) -> sp.Expr:
    """The integral, or else the unknown function, of a rule: each rule has exactly one."""
    nodes = formula.atoms(sp.Integral) or formula.atoms(AppliedUndef)
    (node,) = nodes
    return node


def _evaluate(node: sp.Expr, source: HalfLine, budget: float) -> HalfLine:
    """F(a r), F'(a r) or the integral from 0 to r of c(x) F(a x), for the function at hand."""
    if isinstance(node, sp.Integral):
        integrand, (variable, _, _) = node.args
        call = _unknown(integrand)
        inner = _evaluate(call, source, budget)
        weighted = inner.map(lambda value, place: integrand.xreplace({call: value, variable: place}), Parity.ODD)
        return integral_from_zero(weighted, budget)
    (argument,) = node.args
    function = source.derivative() if node.func == Psi_prime else source
    (variable,) = argument.free_symbols
    return function.scaled(argument / variable)


def _step(nonlinearity: Kind, wanted: Any) -> sp.Expr:
    if isinstance(nonlinearity, Shrinkage):
        return nonlinearity.tau
    return QUARTER if wanted is None else time_step(wanted)


class _Table1(Mapping[tuple[type[Kind], type[Kind]], Rule]):
    """The twelve rules by (source, target), built when first asked for: `import symtrans` does not wait."""

    @cached_property
    def _rules(self) -> dict[tuple[type[Kind], type[Kind]], Rule]:
        rules = (
            Rule(Diffusivity, Regulariser, 2 * sp.Integral(g(x) * x, (x, 0, r))),
            Rule(Diffusivity, Shrinkage, r * (1 - 4 * tau * g(_root2 * r))),
            Rule(Diffusivity, Activation, g(r) * r),
            Rule(Regulariser, Diffusivity, Psi_prime(r) / (2 * r)),
            Rule(Regulariser, Shrinkage, r - _root2 * alpha * Psi_prime(_root2 * r)),
            Rule(Regulariser, Activation, Psi_prime(r) / 2),
            Rule(Shrinkage, Diffusivity, (1 - _root2 / r * S(r / _root2)) / (4 * tau)),
            Rule(Shrinkage, Regulariser, (r**2 - 2 * _root2 * sp.Integral(S(x / _root2), (x, 0, r))) / (4 * alpha)),
            Rule(Shrinkage, Activation, (r - _root2 * S(r / _root2)) / (4 * tau)),
            Rule(Activation, Diffusivity, Phi(r) / r),
            Rule(Activation, Regulariser, 2 * sp.Integral(Phi(x), (x, 0, r))),
            Rule(Activation, Shrinkage, r - 2 * _root2 * tau * Phi(_root2 * r)),
        )
        return {(rule.source, rule.target): rule for rule in rules}

    def __getitem__(self, pair: tuple[type[Kind], type[Kind]]) -> Rule:
        return self._rules[pair]

    def __iter__(self) -> Iterator[tuple[type[Kind], type[Kind]]]:
        return iter(self._rules)

    def __len__(self) -> int:
        return len(self._rules)

    def __repr__(self) -> str:
        return "<Table 1: the twelve rules from one kind to another>"


dictionary: Mapping[tuple[type[Kind], type[Kind]], Rule] = _Table1()
"""Table 1: from (source, target) to the rule that translates."""


def convert(nonlinearity: Kind, kind: type[AnyKind], tau: Any = None, budget: float = DEFAULT_BUDGET) -> AnyKind:
    """The nonlinearity as another kind (the same object, if it is of that kind already).

    A shrinkage asked for at another `tau` goes through its activation.
    """
    if not (isinstance(kind, type) and issubclass(kind, Kind) and kind is not Kind):
        raise NonlinearityError(f"{kind!r} is none of Diffusivity, Regulariser, Shrinkage, Activation")
    if isinstance(nonlinearity, kind):
        if not isinstance(nonlinearity, Shrinkage) or tau is None or time_step(tau) == nonlinearity.tau:
            return nonlinearity
        return convert(convert(nonlinearity, Activation, budget=budget), kind, tau, budget)
    if tau is not None and isinstance(nonlinearity, Shrinkage) and time_step(tau) != nonlinearity.tau:
        raise NonlinearityError(
            f"{nonlinearity!r} belongs to tau = {nonlinearity.tau}; build it with tau={tau} instead"
        )
    rule = dictionary[type(nonlinearity), kind]
    tau = None if tau is None else time_step(tau)
    key = (nonlinearity.key, kind, tau)
    result = _converted.get(key, budget, lambda: rule.apply(nonlinearity, tau=tau, budget=budget))
    assert isinstance(result, kind)
    return result


_converted: Cache[Kind] = Cache(1024)
