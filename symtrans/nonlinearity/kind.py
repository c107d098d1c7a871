"""One nonlinearity of one real variable: how it is entered, and what is made of it.

A SymPy expression is admitted (real, total, of the right parity) and cut into smooth
pieces on r >= 0. Everything else builds on those pieces.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple, Self, TypeVar

import sympy as sp

from symtrans.calculus.algebra.simplification import spread
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import HalfLine, Piece
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.undecided import Diverges, Undecided
from symtrans.errors import NonlinearityError, NoSuchForm, NotInTime, ParseError, RoundingWarning
from symtrans.language.symbols import (
    NO_VALUES,
    QUARTER,
    Names,
    keyword_of,
    quantity,
    r,
    resolve_values,
    short,
    time_step,
    together,
)
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.admission import MissingAssumption, cut, listed, read, real_sides, relations, text_or_latex
from symtrans.nonlinearity.formula import Assumptions, Unsettled, form_of, has_parameter_cases, is_infinite, is_writable
from symtrans.nonlinearity.knots import Knots
from symtrans.nonlinearity.knotted import Knotted
from symtrans.nonlinearity.named import named, refuse_called
from symtrans.nonlinearity.parity_trials import refuse_in_any_order
from symtrans.nonlinearity.rounding import mended
from symtrans.nonlinearity.table1 import carried_out
from symtrans.nonlinearity.wording import in_words
from symtrans.runtime.budgets import BUSY, DEFAULT_BUDGET, OutOfTime, OutOfWork, remaining, seconds, time_limit
from symtrans.runtime.caches import Cache
from symtrans.runtime.public import public, warn
from symtrans.runtime.signatures import own_keywords

AnyKind = TypeVar("AnyKind", bound="Kind")


class _Admitted(NamedTuple):
    """A formula after every check, in inner symbols."""

    form: sp.Expr | Spline
    pieces: HalfLine | Unsettled
    names: Names
    assumptions: Assumptions
    moved: sp.Expr = sp.S.Zero
    """How far values were moved at breaks, where coefficients came as floats."""


@public
class Kind(Knotted):
    """A nonlinearity of one real variable. Use one of the four kinds below.

    Parameters
    ----------
    expr : str or sympy expression or number
        Text is read by `symtrans.language.text_parser` and never evaluated. Decimals are
        made exact fractions (0.1 is 1/10), and are printed as decimals. Free symbols without assumptions
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

    def __init__(
        self,
        expr: Any = None,
        *,
        latex: str | None = None,
        variable: sp.Symbol | str | None = None,
        assume: Iterable[Any] = (),
    ) -> None:
        if type(self) is Kind:
            raise NonlinearityError("say which kind it is: Diffusivity, Regulariser, Shrinkage or Activation")
        column = type(self).__name__.lower()
        if isinstance(expr, Kind) or column in getattr(type(expr), "__dataclass_fields__", {}):  # a Family
            form = f".to({column!r})" if isinstance(expr, Kind) else f".{column}"
            raise NonlinearityError(
                f"{short(repr(expr))} is no formula: for its {column} write {short(repr(expr))}{form}"
            )
        given = text_or_latex(expr, latex, type(self).__name__)
        assume = listed(assume)
        family = named(given, type(self).__name__, variable)
        if family is not None:
            form = (family.assuming(*assume) if assume else family).to(type(self), **self._more())
            self._hold(form._form, form._pieces, form._entry, form.names, form.assumptions)
            return
        key = (type(self), type(given), given, type(variable), variable, assume)
        try:
            hash(key)
        except TypeError:  # a list, say: refused below with its own words
            admitted = self._admit(given, variable, assume)
        else:
            admitted = _admitted.get(key, DEFAULT_BUDGET, lambda: self._admit(given, variable, assume))
        if admitted.moved:
            size = f"values at breaks have been moved by at most {float(admitted.moved):.1g}"
            message = f"{type(self).__name__}({short(given)}): {size}, the rounding of its floats, to join its pieces"
            warn(message, RoundingWarning)
        self._hold(admitted.form, admitted.pieces, None, admitted.names, admitted.assumptions)

    @classmethod
    def _admit(cls, expr: Any, variable: sp.Symbol | str | None, assume: tuple[Any, ...]) -> _Admitted:
        """The expression as it is computed with, after every check."""
        name, names = cls.__name__, Names()
        try:
            with time_limit(BUSY * DEFAULT_BUDGET, processor=DEFAULT_BUDGET), real_sides(expr, name):
                inner, names = read(expr, variable, name)
                names = names.spelling(*assume)
                assumptions = relations(assume, names, name.lower())
                try:
                    half, assumptions = cut(inner, names, name, cls.parity, assumptions)
                except MissingAssumption as missing:
                    refuse_in_any_order(inner, names, name, cls.parity, assumptions)
                    return _Admitted(inner, Unsettled(NonlinearityError.retold(missing)), names, assumptions)
                half, moved = mended(half) if isinstance(expr, sp.Basic) and expr.has(sp.Float) else (half, sp.S.Zero)
                cls._refuse_entered(half, names, assumptions)
                cls._check(half, names, assumptions)
                # cases come back in ascending |r|, however they were written, if their breaks can be written
                is_rough = inner.has(sp.Piecewise, sp.Max, sp.Min, sp.Heaviside)
                form = form_of(half) if is_rough and is_writable(half) else inner
        except (OutOfTime, OutOfWork):
            raise NonlinearityError(f"{name}({short(expr)}) could not be checked within {DEFAULT_BUDGET:g} s") from None
        except Undecided as question:
            why = in_words(question.sentence, names)
            raise NonlinearityError(f"{name}({short(expr)}) cannot be checked: {why}") from None
        except ParseError:
            refuse_called(expr)
            raise
        except RecursionError:
            raise NonlinearityError(f"the {name.lower()} is nested too deeply to be read") from None
        return _Admitted(form, half, names, assumptions, moved)

    @classmethod
    def _refuse_entered(cls, half: HalfLine, names: Names, assumptions: Assumptions) -> None:
        """Refuse what may be derived and not entered: unbounded at 0, as the flux of a regulariser is."""
        if is_infinite(half, assumptions):
            entered = f"{cls.__name__}({plain(names.written(names.outward(expression(half, r))))})"
            raise NonlinearityError(f"{entered} is unbounded at {names.variable} = 0")

    # -- the value ------------------------------------------------------------

    @own_keywords(lambda kind: kind._keywords())
    def subs(self, values: Mapping[sp.Symbol | str, Any] = NO_VALUES, /, **parameters: Any) -> Self:
        """Give parameters values: a mapping whose keys are symbols or keyword names, or keywords.

        Examples
        --------
        >>> from symtrans import Diffusivity
        >>> Diffusivity("exp(-r^2/(2 lambda^2))").subs(lam=2)
        Diffusivity('exp(-r^2/8)')
        """
        given = together(values, parameters)
        mapping = resolve_values(self._symbols(), self.names.own_values(given), self.names.others)
        if not mapping:
            return self
        more = {k: v.subs(mapping, simultaneous=True) for k, v in self._more().items()}
        if isinstance(self._entry, Knots):
            return self._from_knots(self._entry, **more)
        if isinstance(self._entry, Kind):
            own = {key: value for key, value in mapping.items() if key in self._entry._symbols()}
            return self._entry.subs(own).spelling(given).to(type(self), **more)
        expr = self.expr.subs(mapping, simultaneous=True)
        assume = [relation.subs(mapping, simultaneous=True) for relation in self.assumed]
        for relation, before in zip(assume, self.assumed, strict=True):
            if relation is sp.false:
                raise NonlinearityError(f"these values contradict the assumption {before}")
        found = type(self)(expr, variable=self.variable, assume=[a for a in assume if a is not sp.true], **more)
        return found.spelling(self.names.decimals, given)

    def spelling(self, *values: Any) -> Self:
        """The same nonlinearity, printed with decimals where these values hold them as decimals."""
        names = self.names.spelling(*values)
        if names == self.names:
            return self
        if isinstance(self._entry, Kind):
            return self._entry.spelling(*values).to(type(self), **self._more())
        return self._called(names)

    def _called(self, names: Names) -> Self:
        """The same under other names."""
        new = object.__new__(type(self))
        new._hold(self._form, self._pieces, self._entry, names, self.assumptions, **self._more())
        return new

    def known_as(self, **parameters: str) -> Self:
        """The same nonlinearity, whose parameters may be given by other names of the literature too.

        Parameters
        ----------
        **parameters : str
            What a parameter is in those names.

        Examples
        --------
        >>> from symtrans import Activation
        >>> huber = Activation("Min(|r|, sqrt(2) theta) sgn(r)").known_as(theta="c/sqrt(2)")
        >>> float(huber(3.0, c=1.345))
        1.345
        """
        symbols = {keyword_of(symbol): symbol for symbol in self.parameters}
        known = tuple((symbols[name], quantity(text, name)) for name, text in parameters.items())
        return self._called(replace(self.names, known_as=known))

    def _keywords(self) -> list[str]:
        """Those that `subs` takes."""
        return sorted(map(keyword_of, self._symbols()))

    def _symbols(self) -> set[sp.Symbol]:
        """The parameters, and those of the time step of a shrinkage."""
        return {*self.parameters, *(symbol for value in self._more().values() for symbol in value.free_symbols)}

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
        if isinstance(self._entry, Kind):
            return self._entry.assuming(*relations).to(type(self), **self._more())
        found = type(self)(self.expr, variable=self.variable, assume=assume, **self._more())
        return found.spelling(self.names.decimals, relations)

    def to(self, kind: type[AnyKind] | str, *, tau: Any = None, budget: float = DEFAULT_BUDGET) -> AnyKind:
        """Translate by Table 1.

        Parameters
        ----------
        kind : one of the four kinds, or its name, such as "activation"
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
        kind = known_kind(kind)
        step = None if tau is None else time_step(tau)
        source = self.spelling(tau)
        if isinstance(source, kind):
            same: AnyKind = source._at_step(step, budget)
            return same
        self._check_step(step)
        budget = seconds(budget)
        key = (source.key, kind, step)
        result = _translated.get(key, budget, lambda: source._translate(kind, step, budget))
        assert isinstance(result, kind)
        return result

    def _translate(self, kind: type[AnyKind], tau: sp.Expr | None, budget: float) -> AnyKind:
        step = self._more().get("tau", QUARTER if tau is None else tau)
        names = self.names
        if any(symbol.name == names.variable.name for symbol in step.free_symbols):
            raise NonlinearityError(f"tau = {step} holds the variable {names.variable}; call the time step otherwise")
        try:
            with time_limit(budget):
                if why := self.why_no(kind):
                    raise NoSuchForm(why)
                more = {"tau": step} if kind.letter == "S" else {}
                names = names.knows(step) if more else names
                rule = (self.letter, kind.letter)
                half = carried_out(rule, self.half, kind.parity, Names().inward(step), self.assumptions, budget)
                is_plain = self._entry is None and is_writable(half) and not self._is_steep()
                new = kind._derived(half, names, self.assumptions, None if is_plain else self, **more)
                if is_plain and has_parameter_cases(half) and not new._is_read_back():
                    new = kind._derived(half, names, self.assumptions, self, **more)
                return new
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

    def _is_read_back(self) -> bool:
        """Whether its text is admitted, and as the same."""
        text = plain(self.written, self.variable, is_quoted=True)
        try:
            with time_limit(remaining() / 2):
                return type(self)(text, variable=self.variable.name, assume=self.assumed, **self._more()) == self
        except (OutOfTime, OutOfWork, NonlinearityError, ParseError):
            return False

    def why_no(self, kind: type["Kind"]) -> str:
        """Why there is no function of that kind; empty where there is one."""
        return ""

    def _is_steep(self) -> bool:
        """Whether its flux is unbounded at 0, so that it cannot be entered by itself."""
        return False

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


def known_kind(kind: type[AnyKind] | str) -> type[AnyKind]:
    """One of the four kinds, or that of this name."""
    if isinstance(kind, str):
        named_so = {each.__name__.lower(): each for each in Kind.__subclasses__()}
        kind = named_so.get(kind.strip().lower(), kind)  # type: ignore[assignment]
    if not (isinstance(kind, type) and issubclass(kind, Kind) and kind is not Kind):
        raise NonlinearityError(f"{short(repr(kind))} is none of Diffusivity, Regulariser, Shrinkage, Activation")
    return kind


_admitted: Cache[_Admitted] = Cache(512)
_translated: Cache[Kind] = Cache(1024)
