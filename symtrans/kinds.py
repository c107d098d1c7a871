"""The four kinds of nonlinearity: Diffusivity, Regulariser, Shrinkage, Activation.

Each is a frozen value around one SymPy expression of one real variable. All
checks happen here, at the door: real, total, of the right parity. Whatever
passes is cut into smooth pieces on r >= 0, on which everything else builds.
"""

import keyword
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, TypeVar

import numpy as np
import sympy as sp
from sympy.core.relational import Relational

from symtrans.calculus.algebra import X, is_zero, spread, tidy, vanishes
from symtrans.calculus.arrays import array_function
from symtrans.calculus.budget import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.calculus.cutting import NotTotal, half_line, mirror_difference, value_at
from symtrans.calculus.domain import unknown_parts
from symtrans.calculus.limits import limit
from symtrans.calculus.pieces import HalfLine, Parity, Piece
from symtrans.calculus.undecided import Undecided
from symtrans.calculus.writing import expression
from symtrans.errors import NonlinearityError
from symtrans.formulas import R, plain
from symtrans.parsing import CONSTANTS, GREEK, canonical_name, parse

r: sp.Symbol = R
"""The variable of every nonlinearity, unless the user brings another."""

_MOST_BITS = 10_000  # of a number in a formula
QUARTER = sp.Rational(1, 4)


@dataclass(frozen=True)
class Names:
    """The user's own symbols and the ones that symtrans computes with.

    Inside, the variable is `r` (real) and every parameter is positive; in
    every result the user's symbols come back.
    """

    variable: sp.Symbol = r
    own: tuple[tuple[sp.Symbol, sp.Symbol], ...] = ()  # (inner symbol, the user's symbol)

    def outward(self, expr: sp.Expr) -> sp.Expr:
        """Inner symbols replaced by the user's."""
        return expr.xreplace({**dict(self.own), r: self.variable})

    def inward(self, expr: sp.Expr) -> sp.Expr:
        """The user's symbols replaced by inner ones; new ones become positive parameters."""
        known = {user: inner for inner, user in self.own}
        known[self.variable] = r
        return expr.subs({s: known.get(s) or _inner(s) for s in expr.free_symbols}, simultaneous=True)

    def knows(self, expr: sp.Expr) -> "Names":
        """These names and those of the symbols of `expr`."""
        own = dict(self.own)
        for symbol in sorted(expr.free_symbols - {self.variable}, key=_by_name):
            own.setdefault(_inner(symbol), symbol)
        return Names(self.variable, tuple(sorted(own.items(), key=lambda pair: pair[0].name)))


def _by_name(symbol: sp.Symbol) -> tuple[str, str]:
    return symbol.name, str(sorted(symbol.assumptions0.items()))


def _inner(symbol: sp.Symbol) -> sp.Symbol:
    """The symbol that stands for a parameter inside: positive unless declared otherwise."""
    if symbol == r:  # a parameter called like the inner variable
        return sp.Symbol("r", positive=True)
    if symbol.is_positive or (symbol.is_real and symbol.is_finite):
        return symbol
    if symbol.is_extended_real is False or symbol.is_complex:
        raise NonlinearityError(
            f"the parameter {symbol} is not declared real; use sympy.Symbol({symbol.name!r}, positive=True)"
        )
    return sp.Symbol(symbol.name, positive=True)


def array_of(values: Any, what: str) -> np.ndarray:
    """An array, or one clear error for a ragged list."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise NonlinearityError(f"{what} takes an array of numbers: {error}") from None


def keyword_of(symbol: sp.Symbol) -> str:
    """The keyword under which a parameter is given: ``lam`` for lambda, since Python reserves that word.

    Examples
    --------
    >>> keyword_of(sp.Symbol("lambda")), keyword_of(sp.Symbol("theta")), keyword_of(sp.Symbol("in"))
    ('lam', 'theta', 'in_')
    """
    if symbol.name == "lambda":
        return "lam"
    name = "".join(c if c.isalnum() or c == "_" else "_" for c in symbol.name)
    if not name or name[0].isdigit():
        name = f"p_{name}"
    return f"{name}_" if keyword.iskeyword(name) or name == "out" else name


AnyKind = TypeVar("AnyKind", bound="Kind")


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Kind:
    """A nonlinearity of one real variable. Use one of the four kinds below.

    Parameters
    ----------
    expr : str or sympy expression or number
        Text is read by `symtrans.parsing` and never evaluated. Decimals are
        made exact fractions (0.1 is 1/10). Free symbols without assumptions
        are positive parameters.
    variable : Symbol or str, optional
        The variable, where it is not called ``r`` and there is more than one
        candidate.

    Raises
    ------
    ParseError
        If text is not a formula.
    NonlinearityError
        If the function is not real and finite everywhere, or has the wrong parity.
    """

    parity: ClassVar[Parity]
    letter: ClassVar[str]
    latex_letter: ClassVar[str]

    inner: sp.Expr
    half: HalfLine = field(compare=False)
    names: Names = field(compare=False)

    def __init__(self, expr: Any, *, variable: sp.Symbol | str | None = None) -> None:
        self._enter(expr, variable)

    def _enter(self, expr: Any, variable: sp.Symbol | str | None) -> None:
        try:
            with time_limit(DEFAULT_BUDGET):
                inner, names = _read(expr, variable, type(self).__name__)
                half = _cut(inner, names, type(self))
                self._check(half, names)
                if inner.has(sp.Piecewise, sp.Max, sp.Min, sp.Heaviside):
                    inner = expression(half, r)  # cases in ascending |r|, however they were written
        except OutOfTime:
            raise NonlinearityError(
                f"{type(self).__name__}({_short(expr)}) could not be checked within {DEFAULT_BUDGET:g} s"
            ) from None
        except Undecided as question:
            raise NonlinearityError(f"{type(self).__name__}({_short(expr)}) cannot be checked: {question}") from None
        self._set(inner, half, names)

    def _set(self, inner: sp.Expr, half: HalfLine, names: Names) -> None:
        object.__setattr__(self, "inner", inner)
        object.__setattr__(self, "half", half)
        object.__setattr__(self, "names", names)

    @classmethod
    def _derived(cls, half: HalfLine, names: Names, **more: Any) -> Self:
        """A kind from pieces that are right by construction; only its own checks are made."""
        new = object.__new__(cls)
        new._check(half, names)
        new._set(expression(half, r), half, names)
        for name, value in more.items():
            object.__setattr__(new, name, value)
        return new

    @classmethod
    def _check(cls, half: HalfLine, names: Names) -> None:
        """What this kind asks beyond parity and totality."""
        at_zero = _limit_at_zero(half)
        if at_zero in (sp.oo, -sp.oo):
            raise NonlinearityError(
                f"{cls.__name__}({names.outward(expression(half, r))}) is unbounded at {names.variable} = 0"
            )

    # -- the value ------------------------------------------------------------

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
        return tuple(sorted(self.expr.free_symbols - {self.variable}, key=_by_name))

    def _identity(self) -> tuple[Any, ...]:
        return (type(self), self.inner, self.names.variable.name)

    def __eq__(self, other: object) -> bool:
        return self._identity() == other._identity() if isinstance(other, Kind) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity())

    def _more(self) -> dict[str, Any]:
        """Arguments of the constructor beyond the expression."""
        return {}

    def __repr__(self) -> str:
        words = [repr(plain(self.expr, self.variable))]
        words += [f"{key}={plain(value)!r}" for key, value in self._more().items()]
        if self.variable.name != "r":
            words.append(f"variable={self.variable.name!r}")
        return f"{type(self).__name__}({', '.join(words)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.expr, self.variable, self._more())

    def _repr_latex_(self) -> str:
        # The writers stand above this room; they are asked only when a notebook asks.
        from symtrans.present.latex import formula_latex

        return f"$\\displaystyle {formula_latex(self)}$"

    # -- operations -----------------------------------------------------------

    def subs(self, values: Mapping[sp.Symbol | str, Any]) -> Self:
        """Give parameters values; keys are symbols or keyword names.

        Examples
        --------
        >>> Diffusivity("exp(-r^2/(2 lambda^2))").subs({"lam": 2})
        Diffusivity('exp(-r^2/8)')
        """
        mapping = resolve_values(self.parameters, values)
        expr = self.expr.subs(mapping, simultaneous=True)
        more = {k: sp.sympify(v).subs(mapping, simultaneous=True) for k, v in self._more().items()}
        return type(self)(expr, variable=self.variable, **more)

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
        >>> Shrinkage("Max(|r| - theta, 0) sgn(r)")([-3.0, 0.5, 2.0], theta=1.0)
        array([-2.,  0.,  1.])
        """
        array = array_of(values, type(self).__name__)
        if array.dtype.kind not in "fiub":
            raise NonlinearityError(f"{type(self).__name__} takes real numbers, not an array of {array.dtype}")
        if array.dtype.kind != "f":
            array = array.astype(np.float64)
        numbers = self.bind(parameters)
        result = array_function(self.half)(np.atleast_1d(array), numbers)
        return result.reshape(array.shape) if array.shape else result[0]

    def bind(self, parameters: Mapping[str, Any]) -> dict[sp.Symbol, float]:
        """Check keyword parameters and return them by inner symbol."""
        return bind_parameters(self.half.parameters, parameters)

    def to(self, kind: type[AnyKind], *, tau: Any = None) -> AnyKind:
        """Translate by Table 1; `tau` belongs to a shrinkage (default 1/4).

        Examples
        --------
        >>> Diffusivity("1/(1 + r^2)").to(Activation)
        Activation('r/(1 + r^2)')
        """
        from symtrans.dictionary import convert  # the dictionary stands above the kinds

        return convert(self, kind, tau)

    def spread(self) -> Self:
        """The same function with products multiplied out: a sum of terms on each piece."""
        pieces = tuple(Piece(p.lo, p.hi, spread(p.expr)) for p in self.half.pieces)
        half = HalfLine(self.half.parity, self.half.origin, pieces, self.half.values, self.half.doubts)
        return type(self)._derived(half, self.names, **self._more())


class Diffusivity(Kind):
    """A diffusivity g: even; the diffusion is u_t = (g(u_x) u_x)_x (eq. 1).

    It may be infinite at r = 0 as long as g(r) r stays bounded there (TV flow, 1/abs(r)).

    Examples
    --------
    >>> Diffusivity("exp(-r^2/(2 lambda^2))").to(Activation)
    Activation('r*exp(-r^2/(2*lambda^2))')
    """

    parity = Parity.EVEN
    letter = "g"
    latex_letter = "g"

    @classmethod
    def _check(cls, half: HalfLine, names: Names) -> None:
        first = half.pieces[0].expr
        if _limit_at_zero(half.map(lambda g, x: g * x, Parity.ODD)) in (sp.oo, -sp.oo):
            shown = names.outward(first.xreplace({X: sp.Abs(r)}))
            raise NonlinearityError(
                f"Diffusivity({shown}) is unbounded at {names.variable} = 0: even the flux "
                f"{names.variable}*g({names.variable}) is. Truncate it near 0, as in the truncated BFB diffusivity."
            )


class Regulariser(Kind):
    """A regulariser Psi: even, continuous, Psi(0) = 0; it penalises u_x (eq. 14).

    Examples
    --------
    >>> Regulariser("2 lambda^2 (sqrt(1 + r^2/lambda^2) - 1)").to(Diffusivity)
    Diffusivity('1/sqrt(1 + r^2/lambda^2)')
    """

    parity = Parity.EVEN
    letter = "Psi"
    latex_letter = "\\Psi"

    @classmethod
    def _check(cls, half: HalfLine, names: Names) -> None:
        super()._check(half, names)
        shown = names.outward(expression(half, r))
        variable = names.variable
        if not vanishes(half.origin):
            value = names.outward(half.origin)
            raise NonlinearityError(
                f"Regulariser({shown}) is {value} at {variable} = 0, and a regulariser is 0 there. "
                f"Subtract it: Regulariser({shown} - ({value}))"
            )
        for place, value, *sides in [(sp.S.Zero, half.origin, _limit_at_zero(half))] + [
            (b, half.values[k], half.before(k), half.after(k)) for k, b in enumerate(half.breaks)
        ]:
            if any(side in (sp.oo, -sp.oo) or not vanishes(side - value) for side in sides):
                raise NonlinearityError(
                    f"Regulariser({shown}) jumps at |{variable}| = {names.outward(place)}: "
                    "its derivative is a measure, not an activation. Make it continuous."
                )


class Shrinkage(Kind):
    """A shrinkage function S: odd; it acts on Haar wavelet coefficients (eq. 2).

    Parameters
    ----------
    expr, variable
        As for every kind.
    tau : number, str or Symbol
        The time step to which the shrinkage function belongs (eq. 11), default 1/4.

    Examples
    --------
    >>> Shrinkage("Max(|r| - theta, 0) sgn(r)").to(Activation).expr
    Piecewise((r, Abs(r) <= sqrt(2)*theta), (sqrt(2)*theta*sign(r), True))
    """

    parity = Parity.ODD
    letter = "S"
    latex_letter = "S"

    tau: sp.Expr

    def __init__(self, expr: Any, *, tau: Any = QUARTER, variable: sp.Symbol | str | None = None) -> None:
        object.__setattr__(self, "tau", time_step(tau))
        self._enter(expr, variable)

    def _identity(self) -> tuple[Any, ...]:
        return (*super()._identity(), Names().inward(self.tau))

    def _more(self) -> dict[str, Any]:
        return {"tau": self.tau}

    def __repr__(self) -> str:
        if self.tau != QUARTER:
            return super().__repr__()
        tail = f", variable={self.variable.name!r}" if self.variable.name != "r" else ""
        return f"Shrinkage({plain(self.expr, self.variable)!r}{tail})"


class Activation(Kind):
    """An activation (flux) Phi: odd; the block is u = f + tau D^- Phi(D^+ f) (eq. 8).

    Examples
    --------
    >>> Activation("tanh(x)").to(Regulariser)
    Regulariser('2*ln(cosh(x))', variable='x')
    """

    parity = Parity.ODD
    letter = "Phi"
    latex_letter = "\\Phi"


KINDS: tuple[type[Kind], ...] = (Diffusivity, Regulariser, Shrinkage, Activation)


def _rebuild(kind: type[Kind], expr: sp.Expr, variable: sp.Symbol, more: dict[str, Any]) -> Kind:
    return kind(expr, variable=variable, **more)


# ---------------------------------------------------------------------------
# Values from the user


def time_step(tau: Any) -> sp.Expr:
    """A time step as SymPy: a positive number (text and decimals are made exact) or a symbol."""
    value = quantity(tau, "tau")
    if value.is_zero or value.is_negative:
        raise NonlinearityError(f"the time step tau = {value} must be positive")
    return value


def quantity(value: Any, what: str) -> sp.Expr:
    """A real quantity given as number, text or SymPy expression; decimals become fractions."""
    if isinstance(value, str):
        parsed = parse(value)
        result = parsed.subs({s: sp.Symbol(s.name, positive=True) for s in parsed.free_symbols}, simultaneous=True)
    else:
        result = _as_sympy(value)
    for symbol in getattr(result, "free_symbols", ()):
        if not symbol.name.isidentifier():
            raise NonlinearityError(f"{what} holds a symbol named {symbol.name!r}; use letters, digits and _ only")
    if not isinstance(result, sp.Expr) or result.has(sp.nan, sp.zoo, sp.oo, sp.I) or result.is_extended_real is False:
        raise NonlinearityError(f"{what} = {value!r} is not a finite real number or expression")
    return result


def resolve_values(parameters: Iterable[sp.Symbol], values: Mapping[sp.Symbol | str, Any]) -> dict[sp.Symbol, sp.Expr]:
    """A mapping with symbols or keyword names as keys, as a mapping from the user's symbols."""
    parameters = tuple(parameters)
    by_key: dict[Any, sp.Symbol] = {}
    for symbol in parameters:
        by_key |= {symbol: symbol, keyword_of(symbol): symbol, symbol.name: symbol, _inner(symbol): symbol}
    resolved: dict[sp.Symbol, sp.Expr] = {}
    for key, value in values.items():
        symbol = by_key.get(canonical_name(key) if isinstance(key, str) and key not in by_key else key)
        if symbol is None and isinstance(key, sp.Symbol):
            symbol = by_key.get(key.name)
        if symbol is None:
            raise NonlinearityError(f"{key} is no parameter here; {_listing(parameters)}")
        new = quantity(value, str(key))
        if r in new.free_symbols:
            raise NonlinearityError(f"{key} = {new} holds the variable {r}; a parameter does not")
        _check_assumptions(symbol, new, str(key))
        resolved[symbol] = new
    return resolved


def bind_parameters(symbols: Iterable[sp.Symbol], given: Mapping[str, Any]) -> dict[sp.Symbol, float]:
    """Check that `given` has exactly one finite positive number for each symbol, by keyword."""
    by_keyword = {keyword_of(symbol): symbol for symbol in sorted(symbols, key=_by_name)}
    for name in given:
        if name not in by_keyword:
            raise NonlinearityError(f"{name} is no parameter here; {_listing(by_keyword.values())}")
    missing = [name for name in by_keyword if name not in given]
    if missing:
        example = ", ".join(f"{name}=1.0" for name in missing)
        raise NonlinearityError(f"give a value to {', '.join(missing)}, for example ({example})")
    numbers: dict[sp.Symbol, float] = {}
    for name, symbol in by_keyword.items():
        try:
            number = float(given[name])
        except (TypeError, ValueError, OverflowError):
            raise NonlinearityError(f"{name} = {_short(given[name])} is not a number of double precision") from None
        if not np.isfinite(number):
            raise NonlinearityError(f"{name} = {number} must be a finite positive number")
        _check_assumptions(symbol, sp.Rational(number), name)
        numbers[symbol] = number
    return numbers


def _check_assumptions(symbol: sp.Symbol, value: sp.Expr, name: str) -> None:
    """Refuse a value that contradicts what was assumed of the parameter when the proofs were made."""
    wanted = symbol.assumptions0 if symbol.is_real else {"positive": True}
    for fact in ("positive", "negative", "nonnegative", "nonpositive", "zero", "integer"):
        if wanted.get(fact) is not None and getattr(value, f"is_{fact}") is (not wanted[fact]):
            need = f"a finite {fact} number" if wanted[fact] else f"a finite number that is not {fact}"
            raise NonlinearityError(f"{name} = {value} must be {need}")


def _listing(parameters: Iterable[sp.Symbol]) -> str:
    names = [keyword_of(symbol) for symbol in parameters]
    return f"the parameters are {', '.join(names)}" if names else "there are no parameters"


# ---------------------------------------------------------------------------
# The door


def _short(expr: Any) -> str:
    try:
        text = plain(expr) if isinstance(expr, sp.Expr) else str(expr)
    except ValueError:  # a number of more digits than Python prints
        text = "a very long number"
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def _as_sympy(value: Any) -> sp.Basic:
    """A SymPy object from a number or SymPy expression, decimals made exact; text never comes here."""
    if isinstance(value, sp.Basic):
        expr = value
    elif isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.integer | np.floating):
        raise NonlinearityError(
            f"{_short(repr(value))} is a {type(value).__name__}; give text, a number or a SymPy expression"
        )
    else:
        expr = _number(value)
    if any(max(abs(int(n.p)), int(n.q)).bit_length() > _MOST_BITS for n in expr.atoms(sp.Rational)):
        raise NonlinearityError(f"{_short(value)} holds a number of more than {_MOST_BITS} bits")
    if expr.has(sp.nan, sp.zoo):
        raise NonlinearityError(f"{_short(value)} holds a value that is not a number")
    return expr.xreplace({number: _fraction(number) for number in expr.atoms(sp.Float) if number.is_finite})


def _number(value: Any) -> sp.Rational:
    if isinstance(value, int | np.integer):
        return sp.Integer(int(value))
    return sp.Rational(str(value)) if np.isfinite(value) else sp.nan  # refused below


def _fraction(number: sp.Float) -> sp.Rational:
    """The decimal as written: 0.1 is 1/10; a double counts with all its digits."""
    return sp.Rational(repr(float(number)) if number._prec <= 53 else str(number))


def _read(expr: Any, variable: sp.Symbol | str | None, kind: str) -> tuple[sp.Expr, Names]:
    """Text, number or SymPy expression to an expression in inner symbols, and the names."""
    is_text = isinstance(expr, str)
    given = parse(expr) if is_text else _as_sympy(expr)
    shown = f"{kind}({_short(expr)})"
    if not isinstance(given, sp.Expr):
        raise NonlinearityError(f"{shown} is a {type(given).__name__}, not a function of {r}")
    if given.has(sp.I):
        raise NonlinearityError(f"{shown} is not real: it holds the imaginary unit")
    unknown = unknown_parts(given)
    if unknown:
        raise NonlinearityError(f"{shown} uses {', '.join(unknown)}, of which symtrans knows no calculus")
    for part in sp.preorder_traversal(given):
        if isinstance(part, sp.Expr) and part.is_number and not _is_real_number(part):
            raise NonlinearityError(f"{shown} is not real: {part} is not a real number")
    given = _distinct_symbols(given, shown)
    chosen = _variable(given, variable, shown)
    for condition in given.atoms(Relational):
        if chosen not in condition.free_symbols:
            raise NonlinearityError(
                f"{shown} has the condition {condition}, in which {chosen} does not occur; "
                "give its parameters numbers, or enter one nonlinearity for each case"
            )
    if is_text:  # names in text are positive parameters and come back so
        public = {s: sp.Symbol(s.name, positive=True) for s in given.free_symbols if s != chosen}
        target = r if chosen.name == "r" else sp.Symbol(chosen.name, real=True)
        given, chosen = given.subs({**public, chosen: target}, simultaneous=True), target
    names = Names(chosen).knows(given)
    return names.inward(given), names


def _is_real_number(number: sp.Expr) -> bool:
    if number.is_extended_real is not None:
        return bool(number.is_extended_real)
    return bool(abs(sp.im(number.evalf(30))) < sp.Float("1e-20"))


def _distinct_symbols(expr: sp.Expr, shown: str) -> sp.Expr:
    """Refuse names that cannot be told apart, or that are no names (they would end up in generated code)."""
    by_name: dict[str, sp.Symbol] = {}
    for symbol in sorted(expr.free_symbols, key=_by_name):
        if not symbol.name.isidentifier():
            raise NonlinearityError(f"{shown} holds a symbol named {symbol.name!r}; use letters, digits and _ only")
        if symbol.name in by_name:
            raise NonlinearityError(
                f"{shown} holds two different symbols named {symbol.name} (with different assumptions); use one"
            )
        by_name[symbol.name] = symbol
    keywords: dict[str, sp.Symbol] = {}
    for symbol in by_name.values():
        other = keywords.setdefault(keyword_of(symbol), symbol)
        if other is not symbol:
            raise NonlinearityError(
                f"{shown} holds the symbols {other} and {symbol}, which are both given as "
                f"{keyword_of(symbol)}=...; rename one"
            )
    return expr


def _variable(expr: sp.Expr, wanted: sp.Symbol | str | None, shown: str) -> sp.Symbol:
    """Which symbol is the variable: the one asked for, the one named r, or the only candidate."""
    symbols = {symbol.name: symbol for symbol in sorted(expr.free_symbols, key=_by_name)}
    if wanted is not None:
        if not isinstance(wanted, str | sp.Symbol):
            raise NonlinearityError(f"variable={wanted!r} is not a symbol or a name")
        name = canonical_name(wanted) if isinstance(wanted, str) else wanted.name
        if not name.isidentifier() or name in CONSTANTS:
            raise NonlinearityError(f"variable={name!r} is not a name for a variable")
        if name in symbols:
            return symbols[name]
        return wanted if isinstance(wanted, sp.Symbol) else sp.Symbol(name, real=True)
    if "r" in symbols:
        return symbols["r"]
    greek = set(GREEK.values())
    candidates = [s for s in symbols.values() if not s.is_positive and s.name not in greek]
    if len(candidates) > 1:
        listing = ", ".join(s.name for s in candidates)
        raise NonlinearityError(
            f"{shown} has more than one candidate for the variable: {listing}. "
            f"Say which: variable={candidates[0].name!r}"
        )
    return candidates[0] if candidates else r


def _cut(inner: sp.Expr, names: Names, kind: type[Kind]) -> HalfLine:
    """Pieces of a checked expression; every refusal is a NonlinearityError in the user's symbols."""
    shown = f"{kind.__name__}({_short(names.outward(inner))})"
    v = names.variable
    try:
        half = half_line(inner, r, kind.parity)
        _check_sampled(half, shown, names)
        differs = mirror_difference(inner, r, half)
    except NotTotal as hole:
        place = names.outward(hole.place)
        raise NonlinearityError(
            f"{shown} has no finite real value at |{v}| = {place}: {_plain(hole.why, v)}. "
            "Give it one with Piecewise, or mend the formula."
        ) from None
    except Undecided as question:
        raise NonlinearityError(
            f"{shown} cannot be cut into smooth pieces: {_plain(str(question), v)} Write the breaks so that "
            "their order is plain (b = a + d with positive d says a < b), or give the parameters numbers."
        ) from None
    if differs is not None:
        _refuse_parity(inner, names, kind, differs, shown)
    if kind.parity is Parity.ODD and is_zero(half.origin) is not True:
        raise NonlinearityError(f"{shown} is {names.outward(half.origin)} at {v} = 0, and an odd function is 0 there")
    return half


def _check_sampled(half: HalfLine, shown: str, names: Names) -> None:
    """Where smoothness stayed open, at least no exact sample may be undefined."""
    if not half.doubts:
        return
    for piece in half.pieces:
        for k in range(1, 8):
            place = piece.lo + sp.Rational(k, 3) if piece.hi is sp.oo else piece.lo + (piece.hi - piece.lo) * k / 8
            if piece.expr.subs(X, place).has(sp.nan, sp.zoo, sp.I):
                raise NonlinearityError(f"{shown} has no finite real value at {names.variable} = {place}")


def _refuse_parity(inner: sp.Expr, names: Names, kind: type[Kind], place: sp.Expr, shown: str) -> None:
    word, law = ("even", "f(-r) = f(r)") if kind.parity is Parity.EVEN else ("odd", "f(-r) = -f(r)")
    there, mirrored = (tidy(value_at(inner, r, side)) for side in (place, -place))
    part = "+ f(-r)" if kind.parity is Parity.EVEN else "- f(-r)"
    v, at = names.variable, names.outward(place)
    raise NonlinearityError(
        f"{shown} is not {word}: at {v} = {at} it is {names.outward(there)}, at {v} = {-at} it is "
        f"{names.outward(mirrored)}. {_article(kind)} needs {law}; "
        f"its {word} part is (f(r) {part})/2, or write it in |r|."
    )


def _article(kind: type[Kind]) -> str:
    return f"{'An' if kind is Activation else 'A'} {kind.__name__.lower()}"


def _plain(message: str, variable: sp.Symbol) -> str:
    """The inner variable's name never reaches the user."""
    return message.replace("_x", f"|{variable}|")


def _limit_at_zero(half: HalfLine) -> sp.Expr:
    try:
        return limit(half.pieces[0].expr, sp.S.Zero)
    except Undecided:
        return sp.nan
