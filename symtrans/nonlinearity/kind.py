"""One nonlinearity of one real variable, as a frozen value.

It holds one SymPy expression that has been admitted (real, total, of the right
parity) and cut into smooth pieces on r >= 0. Everything else builds on those pieces.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self, TypeVar

import sympy as sp

from symtrans.calculus.algebra.simplification import spread
from symtrans.calculus.antiderivatives.verification import Diverges
from symtrans.calculus.functions.assumptions import confined
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.functions.splines import Spline, as_spline
from symtrans.calculus.signs.regions import Region, assumed, by_cases
from symtrans.calculus.undecided import Undecided
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import (
    QUARTER,
    Names,
    array_of,
    bind_parameters,
    by_name,
    r,
    resolve_values,
    seconds,
    short,
    time_step,
)
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.admission import MissingAssumption, cut, read, relations, text_or_latex
from symtrans.nonlinearity.knots import Knots, knots
from symtrans.nonlinearity.table1 import carried_out
from symtrans.nonlinearity.wording import in_words
from symtrans.runtime.budgets import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.runtime.caches import Cache
from symtrans.runtime.display import shown
from symtrans.runtime.frozen import Frozen

Assumptions = tuple[sp.Basic, ...]

AnyKind = TypeVar("AnyKind", bound="Kind")


class NotInTime(NonlinearityError):
    """A translation for which the budget did not suffice."""


@dataclass(frozen=True)
class Unsettled:
    """In place of pieces: how the formula is to be cut depends on the parameters, and the user was asked."""

    question: str


@dataclass(frozen=True)
class _Admitted:
    """A formula after every check, in inner symbols."""

    form: sp.Expr | Spline
    pieces: HalfLine | Unsettled
    names: Names
    assumptions: Assumptions


class Kind(Frozen):
    """A nonlinearity of one real variable. Use one of the four kinds below.

    Parameters
    ----------
    expr : str or sympy expression or number
        Text is read by `symtrans.language.text_parser` and never evaluated. Decimals are
        made exact fractions (0.1 is 1/10). Free symbols without assumptions
        are positive parameters.
    latex : str, optional
        The formula in LaTeX instead, read within the same limits; a head such
        as ``g(r) =`` and dollar signs may stay.
    variable : Symbol or str, optional
        The variable, where it is not called ``r`` and there is more than one
        candidate.
    assume : list of inequalities, optional
        What holds of the parameters besides being positive, as in ``[a < b]`` or
        ``["a < b", "1/2 < p <= 1"]``. Where the order of the breaks depends on it and
        it is not given, the value can be printed and no more: all else asks for it.

    Raises
    ------
    ParseError
        If text is not a formula.
    NonlinearityError
        If the function is not real and finite everywhere, or has the wrong parity.

    Examples
    --------
    >>> from symtrans import Activation, Diffusivity
    >>> g = Diffusivity("1/(1 + r^2/lambda^2)")
    >>> g.parameters, g.to(Activation), float(g(2.0, lam=1.0))
    ((lambda,), Activation('r/(1 + r^2/lambda^2)'), 0.2)
    """

    __slots__ = ("_entry", "_form", "_pieces", "assumptions", "names")

    parity: ClassVar[Parity]
    letter: ClassVar[str]
    latex_letter: ClassVar[str]

    names: Names
    assumptions: Assumptions
    """Inequalities between inner symbols under which everything holds."""
    _pieces: HalfLine | Unsettled
    _form: sp.Expr | Spline
    """What it is told apart by: the formula as entered, or the spline whose formula is written when asked for."""
    _entry: "Knots | Kind | None"
    """The knots as entered, or the spline of which this is the translation; None of a formula."""

    def __init__(
        self,
        expr: Any = None,
        *,
        latex: str | None = None,
        variable: sp.Symbol | str | None = None,
        assume: Iterable[Any] = (),
    ) -> None:
        given = text_or_latex(expr, latex, type(self).__name__)
        assume = (assume,) if isinstance(assume, str | sp.Basic) else tuple(assume)
        key = (type(self), type(given), given, type(variable), variable, assume)
        try:
            hash(key)
        except TypeError:  # a list, say: refused below with its own words
            admitted = self._admit(given, variable, assume)
        else:
            admitted = _admitted.get(key, DEFAULT_BUDGET, lambda: self._admit(given, variable, assume))
        self._set(_form=admitted.form, _pieces=admitted.pieces, _entry=None)
        self._set(names=admitted.names, assumptions=admitted.assumptions)

    @classmethod
    def _admit(cls, expr: Any, variable: sp.Symbol | str | None, assume: tuple[Any, ...]) -> _Admitted:
        """The expression as it is computed with, after every check."""
        name, names = cls.__name__, Names()
        try:
            with time_limit(DEFAULT_BUDGET):
                inner, names = read(expr, variable, name)
                assumptions = relations(assume, names, name.lower())
                try:
                    half = cut(inner, names, name, cls.parity, assumptions)
                except MissingAssumption as missing:
                    return _Admitted(inner, Unsettled(str(missing)), names, assumptions)
                cls._check(half, names, assumptions)
                # cases come back in ascending |r|, however they were written
                form = _form_of(half) if inner.has(sp.Piecewise, sp.Max, sp.Min, sp.Heaviside) else inner
        except OutOfTime:
            raise NonlinearityError(f"{name}({short(expr)}) could not be checked within {DEFAULT_BUDGET:g} s") from None
        except Undecided as question:
            why = in_words(question.sentence, names)
            raise NonlinearityError(f"{name}({short(expr)}) cannot be checked: {why}") from None
        except RecursionError:
            raise NonlinearityError(f"the {name.lower()} is nested too deeply to be read") from None
        return _Admitted(form, half, names, assumptions)

    @classmethod
    def _derived(cls, half: HalfLine, names: Names, assumptions: Assumptions = (), **more: Any) -> Self:
        """A kind from pieces that are right by construction; only its own checks are made."""
        cls._check(half, names, assumptions)
        new = object.__new__(cls)
        given = {"_form": _form_of(half), "_pieces": half, "_entry": None, "names": names, "assumptions": assumptions}
        new._set(**given | more)
        return new

    @classmethod
    def from_knots(cls, r: Any, values: Any, *, tail: str = "linear") -> Self:
        """The continuous spline through knots, linear between them, extended to r < 0 by the parity of the kind.

        Parameters
        ----------
        r : array_like
            The knots, r >= 0 and ascending. Below the first one it is linear between that and its mirror image.
        values : array_like
            One value for each knot. Floats are taken exactly; text such as "1/3" is a fraction.
        tail : "linear" or "constant"
            Beyond the last knot it goes on with the last slope, or keeps the last value.

        Raises
        ------
        NonlinearityError
            If the knots do not ascend from r >= 0, have not one value each, or make no nonlinearity of this kind.

        Examples
        --------
        >>> from symtrans import Activation, Diffusivity, certify
        >>> phi = Activation.from_knots([0, 1, 2], [0, 1, "1/3"], tail="constant")
        >>> phi, phi([-0.5, 1.0])
        (Activation.from_knots([0, 1, 2], [0, 1, '1/3'], tail='constant'), array([-0.5,  1. ]))
        >>> phi.to(Diffusivity).expr
        Piecewise((1, Abs(r) <= 1), (-2/3 + 5/(3*Abs(r)), Abs(r) <= 2), (1/(3*Abs(r)), True))
        >>> certify(phi).slope_min.value
        -2/3
        """
        return cls._from_knots(knots(r, values, tail, cls.__name__))

    @classmethod
    def _from_knots(cls, given: Knots, **more: Any) -> Self:
        spline = given.spline(cls.parity)
        return cls._derived(as_spline(spline), Names(), _entry=given, **more)

    @classmethod
    def _check(cls, half: HalfLine, names: Names, assumptions: Assumptions) -> None:
        """What this kind asks beyond parity and totality."""
        if is_infinite(half, assumptions):
            entered = f"{cls.__name__}({names.outward(expression(half, r))})"
            raise NonlinearityError(f"{entered} is unbounded at {names.variable} = 0")

    # -- the value ------------------------------------------------------------

    @property
    def half(self) -> HalfLine:
        """The smooth pieces on r >= 0, in inner symbols.

        Raises
        ------
        NonlinearityError
            If an assumption on the parameters is missing without which it cannot be cut.
        """
        if isinstance(self._pieces, Unsettled):
            raise NonlinearityError(self._pieces.question)
        return self._pieces

    @property
    def inner(self) -> sp.Expr:
        """The expression in inner symbols: `r`, and positive parameters; of a spline it is written when asked for."""
        return _written(self._form, r) if isinstance(self._form, Spline) else self._form

    @property
    def expr(self) -> sp.Expr:
        """The SymPy expression, valid for all real values of the variable, in the user's symbols."""
        if isinstance(self._form, Spline):  # SymPy would evaluate each condition anew for another name
            return _written(self._form, self.names.variable)
        return self.names.outward(self.inner)

    @property
    def variable(self) -> sp.Symbol:
        """The variable, `symtrans.r` unless the user brought another."""
        return self.names.variable

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """The parameters, sorted by name."""
        if isinstance(self._pieces, Spline):
            return ()
        return tuple(sorted(self.expr.free_symbols - {self.variable}, key=by_name))

    def _identity(self) -> tuple[Any, ...]:
        return (type(self), self._form, self.names.variable.name, self.assumptions)

    def __eq__(self, other: object) -> bool:
        return self._identity() == other._identity() if isinstance(other, Kind) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity())

    @property
    def key(self) -> Hashable:
        """All that distinguishes it, the user's own symbols and the printed form included."""
        return (*self._identity(), self.half, self.names)

    def _more(self) -> dict[str, Any]:
        """Arguments of the constructor beyond the expression."""
        return {}

    def __repr__(self) -> str:
        if isinstance(self._entry, Knots):
            return f"{type(self).__name__}.from_knots({', '.join([str(self._entry), *self._step_words()])})"
        if isinstance(self._entry, Kind):
            words = [type(self).__name__, *([] if isinstance(self._entry, type(self)) else self._step_words())]
            return f"{self._entry!r}.to({', '.join(words)})"
        words = [repr(plain(self.expr, self.variable))]
        return f"{type(self).__name__}({', '.join(words + self._step_words() + self._context())})"

    def __str__(self) -> str:
        """As a sentence names it: a spline without its numbers."""
        if isinstance(self._entry, Knots):
            return f"{type(self).__name__}.from_knots(<{len(self._entry.places)} knots>)"
        if isinstance(self._entry, Kind):
            return f"{self._entry}.to({type(self).__name__})"
        return repr(self)

    def _step_words(self) -> list[str]:
        """The arguments of the constructor beyond the expression, as they are printed."""
        return [f"{key}={plain(value)!r}" for key, value in self._more().items()]

    def _context(self) -> list[str]:
        """The arguments of the constructor that say how the formula is meant."""
        words = [f"variable={self.variable.name!r}"] if self.variable.name != "r" else []
        if self.assumptions:
            words.append(f"assume={[str(self.names.outward(relation)) for relation in self.assumptions]!r}")
        return words

    def __reduce__(self) -> tuple[Any, ...]:
        if isinstance(self._entry, Knots):
            return _rebuild_spline, (type(self), self._entry, self._more())
        if isinstance(self._entry, Kind):
            return _retranslate, (self._entry, type(self), self._more().get("tau"))
        return _rebuild, (type(self), self.expr, self.variable, self.assumed, self._more())

    @property
    def assumed(self) -> tuple[sp.Basic, ...]:
        """What is assumed of the parameters, in the user's symbols."""
        return tuple(self.names.outward(relation) for relation in self.assumptions)

    def _repr_latex_(self) -> str:
        return str(shown(self, "latex"))

    # -- operations -----------------------------------------------------------

    def subs(self, values: Mapping[sp.Symbol | str, Any]) -> Self:
        """Give parameters values; keys are symbols or keyword names.

        Examples
        --------
        >>> from symtrans import Diffusivity
        >>> Diffusivity("exp(-r^2/(2 lambda^2))").subs({"lam": 2})
        Diffusivity('exp(-r^2/8)')
        """
        beyond = (symbol for value in self._more().values() for symbol in value.free_symbols)
        mapping = resolve_values({*self.parameters, *beyond}, values)
        if not mapping:
            return self
        more = {k: v.subs(mapping, simultaneous=True) for k, v in self._more().items()}
        if isinstance(self._entry, Knots):
            return self._from_knots(self._entry, **more)
        expr = self.expr.subs(mapping, simultaneous=True)
        assume = [relation.subs(mapping, simultaneous=True) for relation in self.assumed]
        for relation, before in zip(assume, self.assumed, strict=True):
            if relation is sp.false:
                raise NonlinearityError(f"these values contradict the assumption {before}")
        return type(self)(expr, variable=self.variable, assume=[a for a in assume if a is not sp.true], **more)

    def assuming(self, *relations: Any) -> Self:
        """The same nonlinearity under more assumptions on its parameters.

        Examples
        --------
        >>> from symtrans import Activation, Diffusivity
        >>> hat = Activation("Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (0, otherwise))")
        >>> hat.assuming("a < b").to(Diffusivity).assumptions
        (a < b,)
        """
        assume = [*self.assumed, *relations]
        return type(self)(self.expr, variable=self.variable, assume=assume, **self._more())

    def __call__(self, values: Any, /, **parameters: float) -> Any:
        """Evaluate on an array (any shape); parameters by keyword, lambda as ``lam``.

        Parameters
        ----------
        values : array_like of float
        **parameters : float
            One positive number for each of `parameters`.

        Returns
        -------
        ndarray
            Same shape; float32 stays float32.

        Examples
        --------
        >>> from symtrans import Shrinkage
        >>> Shrinkage("Max(|r| - theta, 0) sgn(r)")([-3.0, 0.5, 2.0], theta=1.0)
        array([-2.,  0.,  1.])
        """
        from symtrans.calculus.functions.evaluation import array_function  # loads NumPy

        array = array_of(values, type(self).__name__)
        if array.dtype.kind not in "fiub":
            raise NonlinearityError(f"{type(self).__name__} takes real numbers, not an array of {array.dtype}")
        if array.dtype.kind != "f":
            array = array.astype(float)
        numbers = self.bind(parameters)
        result = array_function(self.half)(array.reshape(array.shape or (1,)), numbers)
        return result.reshape(array.shape) if array.shape else result[0]

    def bind(self, parameters: Mapping[str, Any]) -> dict[sp.Symbol, float]:
        """Check keyword parameters and return them by inner symbol."""
        numbers = bind_parameters(self.half.parameters, parameters)
        refuse_contradiction(numbers, self.assumptions, self.names)
        return numbers

    def to(self, kind: type[AnyKind], *, tau: Any = None, budget: float = DEFAULT_BUDGET) -> AnyKind:
        """Translate by Table 1.

        Parameters
        ----------
        kind : one of the four kinds
            If it is of that kind already, it comes back as it is.
        tau : number, str or Symbol, optional
            The time step of a shrinkage that is asked for (default 1/4), or that it is itself.
        budget : float
            Seconds; an integral not found in time stays an `Integral`.

        Raises
        ------
        NonlinearityError
            If that form does not exist, or `tau` is not that of the shrinkage.

        Examples
        --------
        >>> from symtrans import Activation, Diffusivity
        >>> Diffusivity("1/(1 + r^2)").to(Activation)
        Activation('r/(1 + r^2)')
        """
        if not (isinstance(kind, type) and issubclass(kind, Kind) and kind is not Kind):
            raise NonlinearityError(f"{kind!r} is none of Diffusivity, Regulariser, Shrinkage, Activation")
        step = None if tau is None else time_step(tau)
        if isinstance(self, kind):
            same: AnyKind = self._at_step(step, budget)
            return same
        self._check_step(step)
        budget = seconds(budget)
        key = (self.key, kind, step)
        result = _translated.get(key, budget, lambda: self._translate(kind, step, budget))
        assert isinstance(result, kind)
        return result

    def _translate(self, kind: type[AnyKind], tau: sp.Expr | None, budget: float) -> AnyKind:
        step = self._more().get("tau", QUARTER if tau is None else tau)
        names = self.names
        if any(symbol.name == names.variable.name for symbol in step.free_symbols):
            raise NonlinearityError(f"tau = {step} holds the variable {names.variable}; call the time step otherwise")
        try:
            with time_limit(budget):
                more = {"tau": step} if kind.letter == "S" else {}
                names = names.knows(step) if more else names
                rule = (self.letter, kind.letter)
                half = carried_out(rule, self.half, kind.parity, Names().inward(step), self.assumptions, budget)
                entry = None if self._entry is None else self
                return kind._derived(half, names, self.assumptions, **more, _entry=entry)
        except OutOfTime:
            late = f"was not found within {budget:g} s; give a larger budget"
            raise NotInTime(f"the {kind.__name__.lower()} of {self} {late}") from None
        except Diverges as reason:
            what = f"does not exist: {in_words(reason.sentence, names)}"
        except Undecided as question:
            what = f"was not found: {in_words(question.sentence, names)}"
        except RecursionError:
            what = "was not found: a formula on the way is nested too deeply"
        raise NonlinearityError(f"the {kind.__name__.lower()} of {self} {what}")

    def _at_step(self, tau: sp.Expr | None, budget: float) -> Any:
        """The same nonlinearity at another time step: only a shrinkage differs."""
        return self

    def _check_step(self, tau: sp.Expr | None) -> None:
        """Refuse a time step that is not this nonlinearity's own: only a shrinkage has one."""

    def spread(self) -> Self:
        """The same function with products multiplied out: a sum of terms on each piece."""
        pieces = tuple(Piece(p.lo, p.hi, spread(p.expr)) for p in self.half.pieces)
        half = HalfLine(self.half.parity, self.half.origin, pieces, self.half.values, self.half.doubts)
        return type(self)._derived(half, self.names, self.assumptions, **self._more())


def _form_of(half: HalfLine) -> sp.Expr | Spline:
    return half if isinstance(half, Spline) else expression(half, r)


@lru_cache(maxsize=64)
def _written(spline: Spline, variable: sp.Symbol) -> sp.Expr:
    return expression(spline, variable)


def refuse_contradiction(numbers: Mapping[sp.Symbol, float], assumptions: Iterable[sp.Basic], names: Names) -> None:
    """Refuse numbers for inner symbols that contradict an assumption."""
    for relation in assumptions:
        if relation.subs(numbers) is sp.false:
            raise NonlinearityError(f"these values contradict the assumption {names.outward(relation)}")


_admitted: Cache[_Admitted] = Cache(512)
_translated: Cache[Kind] = Cache(1024)


def _rebuild(
    kind: type[Kind], expr: sp.Expr, variable: sp.Symbol, assume: tuple[sp.Basic, ...], more: dict[str, Any]
) -> Kind:
    return kind(expr, variable=variable, assume=assume, **more)


def _rebuild_spline(kind: type[Kind], given: Knots, more: dict[str, Any]) -> Kind:
    return kind._from_knots(given, **more)


def _retranslate(source: Kind, kind: type[Kind], tau: sp.Expr | None) -> Kind:
    return source.to(kind, tau=tau)


def limits_at_zero(half: HalfLine, assumptions: Assumptions) -> list[tuple[Region, sp.Expr]]:
    """The limit at 0+ by cases of the parameters."""
    return [
        pair
        for part in assumed(assumptions)
        for pair in by_cases(lambda region: confined(half, region).after(-1), 2, part)
    ]


def is_infinite(half: HalfLine, assumptions: Assumptions) -> bool:
    """Whether it is infinite at 0 for all values of the parameters; for some of them it is a jump there."""
    try:
        limits = [value for _, value in limits_at_zero(half, assumptions)]
    except Undecided:
        return False
    return all(value in (sp.oo, -sp.oo) for value in limits)
