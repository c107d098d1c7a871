"""The user's own symbols and values: which symbol stands for which inside, and what a parameter may be."""

import keyword
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Real
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import sympy as sp

from symtrans.errors import NonlinearityError, with_article
from symtrans.language.arrays import array_of, refuse_traced
from symtrans.language.cases import replaced
from symtrans.language.floats import meant_by
from symtrans.language.spelling import Decimals, decimal_text, decimals_in, spelt
from symtrans.language.text_lexer import fail_at, suggestion
from symtrans.language.text_parser import parse
from symtrans.language.text_printer import R, plain
from symtrans.language.vocabulary import canonical_name

if TYPE_CHECKING:
    import numpy as np

r: sp.Symbol = R
"""The variable of every nonlinearity, unless the user brings another."""
F: sp.Symbol = sp.Symbol("f", real=True)
"""The noisy value of which a proximal map is a function."""

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
    decimals: Decimals = frozenset()  # what the user wrote as decimals
    known_as: tuple[tuple[sp.Symbol, sp.Expr], ...] = ()  # (a parameter, the same by other names of the literature)

    def outward(self, expr: sp.Expr) -> sp.Expr:
        """Inner symbols replaced by the user's."""
        changed = {inner: user for inner, user in (*self.own, (r, self.variable)) if inner != user}
        return replaced(expr, changed)

    def inward(self, expr: sp.Expr) -> sp.Expr:
        """The user's symbols replaced by inner ones; new ones become positive parameters."""
        known = {user: inner for inner, user in self.own}
        known[self.variable] = r
        changed = {s: inner for s in expr.free_symbols if (inner := known.get(s) or _inner(s)) != s}
        return renamed(expr, changed)

    def knows(self, expr: sp.Expr) -> "Names":
        """These names and those of the symbols of `expr`."""
        own = dict(self.own)
        exponents = sp.Tuple(*(power.exp for power in expr.atoms(sp.Pow, sp.exp))).free_symbols
        for symbol in sorted(expr.free_symbols - {self.variable, *own.values()}, key=by_name):
            own.setdefault(_inner(symbol if symbol in exponents else _among_reals(symbol)), symbol)
        return replace(self, own=tuple(sorted(own.items(), key=lambda pair: pair[0].name)))

    def spelling(self, *values: Any) -> "Names":
        """These names, with the decimals of values as the user gave them."""
        found = self.decimals.union(*map(decimals_of, values))
        return self if found == self.decimals else replace(self, decimals=found)

    def written(self, expr: sp.Basic) -> sp.Basic:
        """An expression for printers: numbers that came as decimals are written so."""
        return spelt(expr, self.decimals)

    @property
    def others(self) -> frozenset[str]:
        """The other names of the literature by which values may be given."""
        own = {user.name for _, user in self.own}
        return frozenset(symbol.name for _, expr in self.known_as for symbol in expr.free_symbols) - own

    def own_values(self, given: Mapping[Any, Any]) -> dict[Any, Any]:
        """Values by the parameters' own names, where some came by other names of the literature.

        Examples
        --------
        >>> theta, c = sp.symbols("theta c", positive=True)
        >>> names = Names(own=((theta, theta),), known_as=((theta, c / sp.sqrt(2)),))
        >>> names.own_values({"c": 2, "tau": 0.1}), names.own_values({"theta": 1})
        ({'theta': sqrt(2), 'tau': 0.1}, {'theta': 1})
        """
        keys = {getattr(key, "name", key): key for key in given}
        own = {user.name for _, user in self.own}
        used, found = set[str](), dict[Any, Any]()
        for parameter, expr in self.known_as:
            names = {symbol.name for symbol in expr.free_symbols}
            if parameter.name in own and keyword_of(parameter) not in keys and names <= keys.keys():
                found[keyword_of(parameter)] = _evaluated(expr, {name: given[keys[name]] for name in names})
                used |= names - own
        found |= {key: value for key, value in given.items() if getattr(key, "name", key) not in used}
        for inner, user in self.own:
            if inner != user and user.is_rational and (key := keyword_of(user)) in found:
                for value in found[key] if _is_listed(found[key]) else [found[key]]:
                    _number_for(value, user, key)
        return found


def _evaluated(expr: sp.Expr, values: Mapping[str, Any]) -> Any:
    """An expression at values of its symbols: exact for numbers and text, else an array."""
    if any(map(_is_listed, values.values())):
        return sp.lambdify(list(values), expr, "numpy")(*(array_of(value, name) for name, value in values.items()))
    return expr.subs({s: quantity(values[s.name], s.name) for s in expr.free_symbols}, simultaneous=True)


def decimals_of(value: Any) -> Decimals:
    """The numbers that a value holds as decimals: text, a number, an expression of SymPy, or several.

    Examples
    --------
    >>> sorted(decimals_of(["r + 1.5", 0.3, sp.Float(4.685), 2]))
    [3/10, 3/2, 937/200]
    """
    if isinstance(value, str):
        return decimals_in(value)
    if isinstance(value, frozenset):
        return value
    if isinstance(value, Mapping):
        return decimals_of(list(value.values()))
    if isinstance(value, list | tuple):
        return frozenset[sp.Rational]().union(*map(decimals_of, value))
    floats = (
        value.atoms(sp.Float) if isinstance(value, sp.Basic) else [value] if isinstance(value, Real | Decimal) else ()
    )
    numbers = (abs(as_sympy(n)) for n in floats if not isinstance(n, Integral | Fraction) and _is_finite(n))
    return frozenset(n for n in numbers if n.is_Rational and decimal_text(n))


def _is_finite(number: Any) -> bool:
    return bool(number == number and abs(number) != math.inf)  # of any size: `math.isfinite` knows doubles alone


def renamed(expr: sp.Expr, names: Mapping[sp.Symbol, sp.Symbol]) -> sp.Expr:
    """Other symbols for those of an expression; the variable of an integral is its own affair."""
    if not names:
        return expr
    return expr.subs(names, simultaneous=True) if expr.has(sp.Integral) else replaced(expr, names)


def by_name(symbol: sp.Symbol) -> tuple[str, str]:
    """A sort key that tells symbols of one name but different assumptions apart."""
    return symbol.name, str(sorted(symbol.assumptions0.items()))


def _inner(symbol: sp.Symbol) -> sp.Symbol:
    """The symbol that stands for a parameter inside: positive unless declared otherwise."""
    if symbol == r:  # a parameter called like the inner variable
        return sp.Symbol("r", positive=True)
    if symbol.is_finite is False:
        raise NonlinearityError(f"the parameter {symbol} is declared infinite, and no formula has a value there")
    if symbol.is_positive or (symbol.is_real and symbol.is_finite):
        return symbol
    if symbol.is_extended_real is False or symbol.is_complex:
        raise NonlinearityError(
            f"the parameter {symbol} is not declared real; use sympy.Symbol({symbol.name!r}, positive=True)"
        )
    return sp.Symbol(symbol.name, positive=True)


def _among_reals(symbol: sp.Symbol) -> sp.Symbol:
    """The symbol of the same sign that need not be rational, where it may be 0: SymPy takes atan(n) for irrational."""
    signs = {fact: value for fact, value in symbol.assumptions0.items() if fact in ("positive", "negative")}
    return sp.Symbol(symbol.name, real=True, **signs) if symbol.is_rational and symbol.is_zero is None else symbol


def number_of(value: Any, what: str) -> float:
    """A finite number of double precision, given as number or text."""
    if isinstance(value, float):
        number = value
    else:
        exact = quantity(value, what)
        number = math.nan if exact.free_symbols else float(exact.evalf(20))
    if not math.isfinite(number):
        raise NonlinearityError(f"{what} = {short(value)} is not a number of double precision")
    return number


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


def time_step(tau: Any) -> sp.Expr:
    """A time step as SymPy: a positive number (text and decimals are made exact) or a symbol."""
    if isinstance(tau, str) and tau.strip().lower() in ("auto", "default", "stable"):
        raise NonlinearityError(f"tau = {tau} is no number; left out, the time step is a stable one")
    value = quantity(tau, "tau")
    if value.is_zero or value.is_negative:
        raise NonlinearityError(f"the time step tau = {value} must be positive")
    return value


def quantity(value: Any, what: str) -> sp.Expr:
    """A real quantity given as number, text or SymPy expression; decimals become fractions."""
    if isinstance(value, Real) and not _is_finite(value):
        raise NonlinearityError(f"{what} = {value} is not a finite number")
    if isinstance(value, str):
        if pair := re.search(r"[^\W\d]\w*\s+(?=[^\W\d])", value):  # of a formula a product, of a number a slip
            fail_at(value, pair.end(), f"{what}: two names stand side by side; write * between them")
        parsed = parse(value)
        result = parsed.subs({s: sp.Symbol(s.name, positive=True) for s in parsed.free_symbols}, simultaneous=True)
    else:
        result = as_sympy(value)
    for symbol in getattr(result, "free_symbols", ()):
        if not symbol.name.isidentifier():
            raise NonlinearityError(f"{what} holds a symbol named {symbol.name!r}; use letters, digits and _ only")
    if not isinstance(result, sp.Expr) or result.has(sp.nan, sp.zoo, sp.oo, sp.I) or result.is_extended_real is False:
        raise NonlinearityError(f"{what} = {value!r} is not a finite real number or expression")
    return result


NO_VALUES: Mapping[Any, Any] = MappingProxyType({})


def together(values: Any, keywords: Mapping[str, Any]) -> dict[Any, Any]:
    """The values of a mapping and those given by keyword."""
    if not isinstance(values, Mapping):
        raise NonlinearityError(
            f"subs({short(repr(values))}) takes keywords or a mapping, for example subs(lam=2) or subs({{'lam': 2}})"
        )
    return {**values, **keywords}


def resolve_values(
    parameters: Iterable[sp.Symbol], values: Mapping[sp.Symbol | str, Any], others: Iterable[str] = ()
) -> dict[sp.Symbol, sp.Expr]:
    """A mapping with symbols or keyword names as keys, as a mapping from the user's symbols; `others` as below."""
    by_key: dict[Any, sp.Symbol] = {}
    for symbol in (parameters := tuple(parameters)):
        by_key |= {symbol: symbol, keyword_of(symbol): symbol, symbol.name: symbol, _inner(symbol): symbol}
    resolved: dict[sp.Symbol, sp.Expr] = {}
    for key, value in values.items():
        if not isinstance(key, str | sp.Symbol):
            raise no_parameter(short(repr(key)), map(keyword_of, parameters), others)
        symbol = by_key.get(canonical_name(key) if isinstance(key, str) and key not in by_key else key)
        if symbol is None and isinstance(key, sp.Symbol):
            symbol = by_key.get(key.name)
        if symbol is None:
            raise no_parameter(str(key), map(keyword_of, parameters), others)
        new = quantity(value, str(key))
        if r in new.free_symbols:
            raise NonlinearityError(f"{key} = {new} holds the variable {r}; a parameter does not")
        _check_assumptions(symbol, new, f"{key} = {new}")
        resolved[symbol] = new
    return resolved


def bind_parameters(
    symbols: Iterable[sp.Symbol], given: Mapping[str, Any], length: int | None = None, others: Iterable[str] = ()
) -> dict[sp.Symbol, Any]:
    """Check that `given` has exactly one finite positive number for each symbol, by keyword.

    With a `length`, an array of so many numbers will do as well. `others` are told to who gives an unknown name.
    """
    by_keyword = {keyword_of(symbol): symbol for symbol in sorted(symbols, key=by_name)}
    for name in given:
        if name not in by_keyword:
            raise no_parameter(name, by_keyword, others)
    missing = [name for name in by_keyword if name not in given]
    if missing:
        example = ", ".join(f"{name}=1.0" for name in missing)
        raise NonlinearityError(f"give a value to {', '.join(missing)}, for example ({example})")
    return {
        symbol: _numbers(given[name], length, symbol, name)
        if length is not None and _is_listed(given[name])
        else _number_for(given[name], symbol, name)
        for name, symbol in by_keyword.items()
    }


def _is_listed(value: Any) -> bool:
    return isinstance(value, list | tuple) or getattr(value, "ndim", 0) > 0


def _number_for(value: Any, symbol: sp.Symbol, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        refuse_traced(value, name)
        raise NonlinearityError(f"{name} = {short(value)} is not a number of double precision") from None
    if not math.isfinite(number):
        raise NonlinearityError(f"{name} = {number} must be a finite positive number")
    _check_assumptions(symbol, sp.Rational(number), f"{name} = {number:.17g}")
    return number


def _numbers(values: Any, length: int, symbol: sp.Symbol, name: str) -> "np.ndarray":
    """Layer-wise values: one for each block."""
    array = array_of(values, name)
    if array.shape != (length,):
        raise NonlinearityError(
            f"{name} has shape {array.shape}; give one number, or an array of shape ({length},) with one for each block"
        )
    numbers = [_number_for(value, symbol, f"{name}[{k}]") for k, value in enumerate(array.tolist())]
    return array_of(numbers, name)


def _check_assumptions(symbol: sp.Symbol, value: sp.Expr, stated: str) -> None:
    """Refuse a value that contradicts what was assumed of the parameter when the proofs were made."""
    wanted = symbol.assumptions0 if symbol.is_real else {"positive": True}
    for fact in ("positive", "negative", "nonnegative", "nonpositive", "zero", "integer"):
        if wanted.get(fact) is not None and getattr(value, f"is_{fact}") is (not wanted[fact]):
            need = f"a finite {fact} number" if wanted[fact] else f"a finite number that is not {fact}"
            raise NonlinearityError(f"{stated} must be {need}")


def no_parameter(name: str, known: Iterable[str], others: Iterable[str] = ()) -> NonlinearityError:
    """The refusal of a value for what is no parameter; `others` are names that the literature has for some.

    Examples
    --------
    >>> no_parameter("thet", ["theta"], ["c"])
    NonlinearityError('thet is no parameter here; the parameters are theta, or c instead; did you mean theta?')
    >>> no_parameter("c", ["theta"], ["c"])
    NonlinearityError('c says the same as theta: give that one alone here')
    """
    known = list(known)
    bare = name.removeprefix("--set ")
    if bare in (others := set(others)):
        return NonlinearityError(f"{name} says the same as {', '.join(known)}: give that one alone here")
    instead = f", or {', '.join(sorted(others))} instead" if others else ""
    listed = f"the parameters are {', '.join(known)}{instead}" if known else "there are no parameters"
    return NonlinearityError(f"{name} is no parameter here; {listed}{suggestion(bare, known)}")


def short(expr: Any) -> str:
    """What the user entered, in at most a line of a message."""
    try:
        text = plain(expr) if isinstance(expr, sp.Expr) else str(expr)
    except ValueError:  # a number of more digits than Python prints
        text = "a very long number"
    return text if len(text) <= 80 else f"{text[:60]}... ({len(text)} characters)"


def as_sympy(value: Any) -> sp.Basic:
    """A SymPy object from a number or SymPy expression, decimals made exact; text never comes here."""
    if getattr(value, "shape", None) == ():  # an array of one number without an axis
        value = value[()]
    if isinstance(value, sp.Basic):
        expr = value
    elif isinstance(value, Decimal) and abs(value.adjusted()) <= _MOST_BITS // 4:
        expr = sp.Rational(str(value)) if value.is_finite() else sp.nan
    elif isinstance(value, bool) or not isinstance(value, Real):  # NumPy's numbers are Real, its truth values not
        what = "a function" if callable(value) else with_article(type(value).__name__)
        written = ' of its value, as "tanh(r)"' if callable(value) else ""
        raise NonlinearityError(f"{short(repr(value))} is {what}; give text, a number or a SymPy expression{written}")
    else:
        expr = _number(value)
    if any(max(abs(int(n.p)), int(n.q)).bit_length() > _MOST_BITS for n in expr.atoms(sp.Rational)):
        raise NonlinearityError(f"{short(value)} holds a number of more than {_MOST_BITS} bits")
    if expr.has(sp.nan, sp.zoo):
        raise NonlinearityError(f"{short(value)} holds a value that is not a number")
    return replaced(expr, {number: meant_by(number) for number in expr.atoms(sp.Float) if number.is_finite})


def _number(value: Any) -> sp.Rational:
    if isinstance(value, Integral):
        return sp.Integer(int(value))
    return sp.Rational(str(value)) if math.isfinite(value) else sp.nan  # refused below
