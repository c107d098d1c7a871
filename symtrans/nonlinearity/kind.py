"""One nonlinearity of one real variable, as a frozen value.

It holds one SymPy expression that has been admitted (real, total, of the right
parity) and cut into smooth pieces on r >= 0. Everything else builds on those pieces.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import FrozenInstanceError, dataclass
from typing import Any, ClassVar, NoReturn, Self, TypeVar

import sympy as sp

from symtrans.calculus.algebra.simplification import spread
from symtrans.calculus.antiderivatives.verification import Diverges
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.functions.assumptions import confined
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
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
from symtrans.nonlinearity.table1 import carried_out
from symtrans.nonlinearity.wording import in_words
from symtrans.runtime.budgets import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.runtime.caches import Cache
from symtrans.runtime.display import shown

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

    inner: sp.Expr
    pieces: HalfLine | Unsettled
    names: Names
    assumptions: Assumptions


class Kind:
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

    __slots__ = ("_pieces", "assumptions", "inner", "names")

    parity: ClassVar[Parity]
    letter: ClassVar[str]
    latex_letter: ClassVar[str]

    inner: sp.Expr
    """The expression in inner symbols: `r`, and positive parameters."""
    names: Names
    assumptions: Assumptions
    """Inequalities between inner symbols under which everything holds."""
    _pieces: HalfLine | Unsettled

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
        self._set(inner=admitted.inner, _pieces=admitted.pieces, names=admitted.names, assumptions=admitted.assumptions)

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
                if inner.has(sp.Piecewise, sp.Max, sp.Min, sp.Heaviside):
                    inner = expression(half, r)  # cases in ascending |r|, however they were written
        except OutOfTime:
            raise NonlinearityError(f"{name}({short(expr)}) could not be checked within {DEFAULT_BUDGET:g} s") from None
        except Undecided as question:
            why = in_words(question.sentence, names)
            raise NonlinearityError(f"{name}({short(expr)}) cannot be checked: {why}") from None
        except RecursionError:
            raise NonlinearityError(f"the {name.lower()} is nested too deeply to be read") from None
        return _Admitted(inner, half, names, assumptions)

    def _set(self, **values: Any) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise FrozenInstanceError(f"{name} of a {type(self).__name__} cannot be set; make a new one, or use subs")

    def __delattr__(self, name: str) -> NoReturn:
        raise FrozenInstanceError(f"{name} of a {type(self).__name__} cannot be deleted")

    @classmethod
    def _derived(cls, half: HalfLine, names: Names, assumptions: Assumptions = (), **more: Any) -> Self:
        """A kind from pieces that are right by construction; only its own checks are made."""
        cls._check(half, names, assumptions)
        new = object.__new__(cls)
        new._set(inner=expression(half, r), _pieces=half, names=names, assumptions=assumptions, **more)
        return new

    @classmethod
    def _check(cls, half: HalfLine, names: Names, assumptions: Assumptions) -> None:
        """What this kind asks beyond parity and totality."""
        entered = f"{cls.__name__}({names.outward(expression(half, r))})"
        refuse_infinite(half, assumptions, f"{entered} is unbounded at {names.variable} = 0")

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
    def expr(self) -> sp.Expr:
        """The SymPy expression, valid for all real values of the variable, in the user's symbols."""
        return self.names.outward(self.inner)

    @property
    def variable(self) -> sp.Symbol:
        """The variable, `symtrans.r` unless the user brought another."""
        return self.names.variable

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """The parameters, sorted by name."""
        return tuple(sorted(self.expr.free_symbols - {self.variable}, key=by_name))

    def _identity(self) -> tuple[Any, ...]:
        return (type(self), self.inner, self.names.variable.name, self.assumptions)

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
        words = [repr(plain(self.expr, self.variable))]
        words += [f"{key}={plain(value)!r}" for key, value in self._more().items()]
        return f"{type(self).__name__}({', '.join(words + self._context())})"

    def _context(self) -> list[str]:
        """The arguments of the constructor that say how the formula is meant."""
        words = [f"variable={self.variable.name!r}"] if self.variable.name != "r" else []
        if self.assumptions:
            words.append(f"assume={[str(self.names.outward(relation)) for relation in self.assumptions]!r}")
        return words

    def __reduce__(self) -> tuple[Any, ...]:
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
        expr = self.expr.subs(mapping, simultaneous=True)
        more = {k: v.subs(mapping, simultaneous=True) for k, v in self._more().items()}
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
                return kind._derived(half, names, self.assumptions, **more)
        except OutOfTime:
            late = f"was not found within {budget:g} s; give a larger budget"
            raise NotInTime(f"the {kind.__name__.lower()} of {self!r} {late}") from None
        except Diverges as reason:
            what = f"does not exist: {in_words(reason.sentence, names)}"
        except Undecided as question:
            what = f"was not found: {in_words(question.sentence, names)}"
        except RecursionError:
            what = "was not found: a formula on the way is nested too deeply"
        raise NonlinearityError(f"the {kind.__name__.lower()} of {self!r} {what}")

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


def limits_at_zero(half: HalfLine, assumptions: Assumptions) -> list[tuple[Region, sp.Expr]]:
    """The limit at 0+ by cases of the parameters."""
    return [
        pair
        for part in assumed(assumptions)
        for pair in by_cases(lambda region: limit(confined(half, region).pieces[0].expr, sp.S.Zero), 2, part)
    ]


def refuse_infinite(half: HalfLine, assumptions: Assumptions, message: str) -> None:
    """Refuse what is infinite at 0 for all values of the parameters; for some of them it is a jump there."""
    try:
        limits = [value for _, value in limits_at_zero(half, assumptions)]
    except Undecided:
        return
    if all(value in (sp.oo, -sp.oo) for value in limits):
        raise NonlinearityError(message)
