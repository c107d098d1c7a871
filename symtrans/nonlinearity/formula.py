"""The value that a nonlinearity is: formula and pieces, what it is told apart by, how it is written and evaluated."""

from collections.abc import Hashable, Iterable, Mapping
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple, Self

import sympy as sp

from symtrans.calculus.algebra.switches import is_continuous
from symtrans.calculus.enclosures.balls import NamedNumber
from symtrans.calculus.functions.assumptions import restricted
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import HalfLine, Parity
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.signs.regions import Region, assumed, by_cases
from symtrans.calculus.undecided import Undecided
from symtrans.errors import NonlinearityError
from symtrans.language.arrays import reals_of
from symtrans.language.spelling import Decimals
from symtrans.language.symbols import Names, bind_parameters, by_name, keyword_of, r
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.knots import Knots
from symtrans.nonlinearity.variables import implied_variable, lost_power
from symtrans.runtime.display import Shown
from symtrans.runtime.frozen import Frozen
from symtrans.runtime.public import public
from symtrans.runtime.signatures import CallSignature

Assumptions = tuple[sp.Basic, ...]
_DEEPEST_CASES = 4  # signs of parameters on which a limit at 0 may depend


class Unsettled(NamedTuple):
    """In place of pieces: how the formula is to be cut depends on the parameters, and the user was asked."""

    question: NonlinearityError


@public
class Formula(Frozen, Shown):
    """One admitted formula, or one spline, in the user's own symbols; the four kinds are such."""

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
    _entry: "Knots | Formula | None"
    """The knots as entered, or the spline of which this is the translation; None of a formula."""

    def _hold(
        self,
        form: sp.Expr | Spline,
        pieces: HalfLine | Unsettled,
        entry: "Knots | Formula | None",
        names: Names,
        assumptions: Assumptions,
        **more: Any,
    ) -> None:
        self._set(_form=form, _pieces=pieces, _entry=entry, names=names, assumptions=assumptions, **more)

    @classmethod
    def _derived(
        cls,
        half: HalfLine,
        names: Names,
        assumptions: Assumptions = (),
        entry: "Knots | Formula | None" = None,
        **more: Any,
    ) -> Self:
        """A kind from pieces that are right by construction."""
        new = object.__new__(cls)
        new._hold(form_of(half), half, entry, names, assumptions, **more)
        return new

    @classmethod
    def _check(cls, half: HalfLine, names: Names, assumptions: Assumptions) -> None:
        """What this kind asks beyond parity and totality."""

    @property
    def half(self) -> HalfLine:
        """The smooth pieces on r >= 0, in inner symbols.

        Raises
        ------
        NonlinearityError
            If an assumption on the parameters is missing without which it cannot be cut.
        """
        if isinstance(self._pieces, Unsettled):
            raise NonlinearityError.retold(self._pieces.question)
        return self._pieces

    @property
    def is_settled(self) -> bool:
        """Whether it can be cut into pieces as it stands, whatever the values of the parameters."""
        return not isinstance(self._pieces, Unsettled)

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
    def written(self) -> sp.Expr:
        """The expression for printers: numbers that came as decimals are atoms that are written so."""
        return self.names.written(self.expr)

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
        return self._identity() == other._identity() if isinstance(other, Formula) else NotImplemented

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
        if isinstance(self._entry, Formula):
            words = [type(self).__name__, *([] if isinstance(self._entry, type(self)) else self._step_words())]
            return f"{self._entry!r}.to({', '.join(words)})"
        words = [repr(plain(self.written, self.variable, is_quoted=True))]
        return f"{type(self).__name__}({', '.join(words + self._step_words() + self._context())})"

    def __str__(self) -> str:
        """As a sentence names it: a spline without its numbers."""
        if isinstance(self._entry, Knots):
            return f"{type(self).__name__}.from_knots(<{len(self._entry.places)} knots>)"
        if isinstance(self._entry, Formula):
            return f"{self._entry}.to({type(self).__name__})"
        return repr(self)

    def _step_words(self) -> list[str]:
        """The arguments of the constructor beyond the expression, as they are printed."""
        return [f"{key}={plain(self.names.written(value))!r}" for key, value in self._more().items()]

    def _context(self) -> list[str]:
        """The arguments of the constructor that say how the formula is meant."""
        implied = implied_variable(self.expr)
        is_clear = self.variable.name == "r" and implied is not None and implied.name == "r"
        is_clear = is_clear and not lost_power(self.expr, "r")
        words = [] if is_clear else [f"variable={self.variable.name!r}"]
        told = [plain(self.names.written(one), is_quoted=True) for one in self.assumed if one.doit() is not sp.true]
        if told:  # what is declared of a parameter goes without saying
            words.append(f"assume={told!r}")
        return words

    def __reduce__(self) -> tuple[Any, ...]:
        if isinstance(self._entry, Knots):
            return _rebuild_spline, (type(self), self._entry, self._more())
        if isinstance(self._entry, Formula):
            return _retranslate, (self._entry, type(self), self._more().get("tau"))
        return _rebuild, (type(self), self.expr, self.variable, self.assumed, self._more(), self.names.decimals)

    @property
    def assumed(self) -> tuple[sp.Basic, ...]:
        """What is assumed of the parameters, in the user's symbols."""
        return tuple(self.names.outward(relation) for relation in self.assumptions)

    def _sympy_(self) -> sp.Expr:
        """What SymPy computes with, as in ``sympy.diff(family.activation, r)``."""
        return self.expr

    __signature__ = CallSignature(lambda formula: map(keyword_of, formula.parameters))

    def __call__(self, values: Any, /, *unnamed: Any, **parameters: float) -> Any:
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

        if unnamed:
            example = ", ".join(f"{keyword_of(symbol)}=..." for symbol in self.parameters) or "there are none"
            raise NonlinearityError(f"parameters are given by keyword: {example}")
        array = reals_of(values, type(self).__name__)
        if array.dtype.kind != "f":
            array = array.astype(float)
        numbers = self.bind(parameters)
        result = array_function(self.half)(array.reshape(array.shape or (1,)), numbers)
        return result.reshape(array.shape) if array.shape else result[0]

    def bind(self, parameters: Mapping[str, Any]) -> dict[sp.Symbol, float]:
        """Check keyword parameters and return them by inner symbol."""
        numbers = bind_parameters(self.half.parameters, self.names.own_values(parameters), others=self.names.others)
        refuse_contradiction(numbers, self.assumptions, self.names)
        return numbers


def form_of(half: HalfLine) -> sp.Expr | Spline:
    """What a nonlinearity of these pieces is told apart by."""
    return half if isinstance(half, Spline) else expression(half, r)


def is_writable(half: HalfLine) -> bool:
    """Whether text can hold its formula: no number in it is known only as the root of an equation, and no integral."""
    if isinstance(half, Spline):
        return True
    parts = (*half.breaks, *half.values, *(piece.expr for piece in half.pieces))
    jumps = not all(is_continuous(piece.expr) for piece in half.pieces)  # for ever, which text may not
    return not jumps and not any(part.has(NamedNumber, sp.CRootOf, sp.Integral) for part in parts)


def has_parameter_cases(half: HalfLine) -> bool:
    """Whether a piece has cases in the parameters, which may be proved for less than what is entered must prove."""
    return not isinstance(half, Spline) and any(piece.expr.has(sp.Piecewise) for piece in half.pieces)


@lru_cache(maxsize=64)
def _written(spline: Spline, variable: sp.Symbol) -> sp.Expr:
    return expression(spline, variable)


def refuse_contradiction(numbers: Mapping[sp.Symbol, float], assumptions: Iterable[sp.Basic], names: Names) -> None:
    """Refuse numbers for inner symbols that contradict an assumption."""
    for relation in assumptions:
        if relation.subs(numbers) is sp.false:
            raise NonlinearityError(f"these values contradict the assumption {names.outward(relation)}")


def _rebuild(
    kind: type[Any],
    expr: sp.Expr,
    variable: sp.Symbol,
    assume: tuple[sp.Basic, ...],
    more: dict[str, Any],
    decimals: Decimals,
) -> Any:
    return kind(expr, variable=variable, assume=assume, **more).spelling(decimals)


def _rebuild_spline(kind: type[Any], given: Knots, more: dict[str, Any]) -> Any:
    return kind._from_knots(given, **more)


def _retranslate(source: Any, kind: type[Any], tau: sp.Expr | None) -> Any:
    return source.to(kind, tau=tau)


def limits_at_zero(half: HalfLine, assumptions: Assumptions) -> list[tuple[Region, sp.Expr]]:
    """The limit at 0+ by cases of the parameters."""
    return [
        pair
        for part in assumed(assumptions)
        for pair in by_cases(lambda region: restricted(half, region).after(-1), _DEEPEST_CASES, part)
    ]


def is_infinite(half: HalfLine, assumptions: Assumptions) -> bool:
    """Whether it is infinite at 0 for all values of the parameters; for some of them it is a jump there."""
    try:
        limits = [value for _, value in limits_at_zero(half, assumptions)]
    except Undecided:
        return False
    return all(value in (sp.oo, -sp.oo) for value in limits)
