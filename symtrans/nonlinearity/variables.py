"""Which symbol of a formula is its variable; the others are parameters."""

import re
from collections.abc import Iterable

import sympy as sp

from symtrans.calculus.algebra.parity import may_have_parity, mirror_parity
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import by_name, keyword_of, r
from symtrans.language.vocabulary import CONSTANTS, GREEK, canonical_name

HEADS = {"Diffusivity": "g", "Regulariser": "Psi", "Shrinkage": "S", "Activation": "Phi"}
"""What a kind is called in front of its formula, g(x) = ..."""
LIKE_VARIABLES = frozenset("rstuvwxyz")
"""Letters that are rather variables than parameters."""


def distinct_symbols(expr: sp.Expr, shown: str) -> sp.Expr:
    """Refuse names that cannot be told apart, or that are no names (they would end up in generated code)."""
    seen: dict[str, sp.Symbol] = {}
    for symbol in sorted(expr.free_symbols, key=by_name):
        if not symbol.name.isidentifier():
            raise NonlinearityError(f"{shown} holds a symbol named {symbol.name!r}; use letters, digits and _ only")
        if symbol.name in seen:
            raise NonlinearityError(
                f"{shown} holds two different symbols named {symbol.name} (with different assumptions); use one"
            )
        seen[symbol.name] = symbol
    keywords: dict[str, sp.Symbol] = {}
    for symbol in seen.values():
        other = keywords.setdefault(keyword_of(symbol), symbol)
        if other is not symbol:
            raise NonlinearityError(
                f"{shown} holds the symbols {other} and {symbol}, which are both given as "
                f"{keyword_of(symbol)}=...; rename one"
            )
    return expr


def variable_of(expr: sp.Expr, wanted: sp.Symbol | str | None, shown: str, kind: str) -> sp.Symbol:
    """Which symbol is the variable: the one asked for, the one named r, or the only candidate.

    Of an odd kind it is the only one in which the formula shows to be odd, x (|x| > t) is odd in x alone; or the only
    one in which no values refute that: where x < -t it is x + t, and where x > t it is x - t.
    """
    chosen = _variable_of(expr, wanted, shown, kind)
    if chosen.is_extended_real is False:
        raise NonlinearityError(
            f"{shown}: the variable {chosen} is declared not real; use sympy.Symbol({chosen.name!r})"
        )
    if wanted is None and (power := lost_power(expr, chosen.name)):
        what, x = f"{shown}: is {power} a power? Write {chosen}^{power[-1]}; for a parameter", chosen.name
        raise NonlinearityError.told(
            lambda said: f"{what} {said}", f"say variable={x!r}", f"say --variable {x}", f"write {x}_{power[-1]}"
        )
    return chosen


def _variable_of(expr: sp.Expr, wanted: sp.Symbol | str | None, shown: str, kind: str) -> sp.Symbol:
    symbols = {symbol.name: symbol for symbol in sorted(expr.free_symbols, key=by_name)}
    if wanted is not None:
        if not isinstance(wanted, str | sp.Symbol):
            raise NonlinearityError(f"variable={wanted!r} is not a symbol or a name")
        name = canonical_name(wanted) if isinstance(wanted, str) else wanted.name
        if not name.isidentifier() or name in CONSTANTS:
            what = "is not a name for a variable"
            raise NonlinearityError.told(lambda given: f"{given} {what}", f"variable={name!r}", f"--variable {name}")
        if name in symbols:
            return symbols[name]
        if symbols and kind in ("Shrinkage", "Activation"):  # which is odd in no other
            raise without_variable(shown, name, symbols)
        return wanted if isinstance(wanted, sp.Symbol) else sp.Symbol(name, real=True)
    if "r" in symbols:
        return symbols["r"]
    implied = implied_variable(expr)
    if implied is None:
        is_odd = kind in ("Shrinkage", "Activation")
        odd = [symbol for symbol in symbols.values() if is_odd and mirror_parity(expr, symbol) == -1]
        fitting = odd or [symbol for symbol in symbols.values() if is_odd and _may_be_odd(expr, symbol)]
        likely_ones = LIKE_VARIABLES.intersection(symbols)
        if len(fitting) == 1 and (fitting[0].name in LIKE_VARIABLES or not likely_ones):  # a/(1 + x) is odd in a
            return fitting[0]
        names = [symbol.name for symbol in fitting] or list(symbols)
        likely = next((name for name in "xstuyzvw" if name in names), names[0])
        what = f"{shown} has more than one candidate for the variable: {', '.join(symbols)}. Say which"
        head = f"a head, {HEADS.get(kind, 'f')}({likely}) ="
        options = (f"variable={likely!r}, or {head}", f"--variable {likely}, or {head}", f"write {head}")
        raise NonlinearityError.told(lambda given: f"{what}: {given}", *options)
    return implied


def _may_be_odd(expr: sp.Expr, symbol: sp.Symbol) -> bool:
    """Whether no values refute that a formula is odd in a symbol; the others are positive numbers there."""
    others = sorted(expr.free_symbols - {symbol}, key=by_name)
    return may_have_parity(expr.subs({other: k + sp.Rational(4, 3) for k, other in enumerate(others)}), symbol, -1)


def without_variable(shown: str, name: str, symbols: Iterable[str]) -> NonlinearityError:
    """What is said where a formula does not hold the variable that was asked for."""
    what = f"does not occur in {shown}, which holds {', '.join(symbols)}: name one of these, or none"
    return NonlinearityError.told(lambda given: f"{given} {what}", f"variable={name!r}", f"--variable {name}")


def lost_power(expr: sp.Expr, variable: str) -> str:
    """The x2 in a formula of x: pages and files lose what stood above the line; empty where there is none."""
    names = sorted(symbol.name for symbol in expr.free_symbols)
    return next((name for name in names if re.fullmatch(f"{re.escape(variable)}[2-9]", name)), "")


def _is_greek(symbol: sp.Symbol) -> bool:
    """Whether a name is that of a Greek letter, perhaps with an index: lambda, lambda_0, sigma_hat."""
    return re.split(r"[_0-9]", symbol.name, maxsplit=1)[0] in GREEK.values()


_FOR_VARIABLES = frozenset(("xi", "eta", "zeta"))  # Greek letters that often are no parameters


def letters_of(expr: sp.Expr) -> list[sp.Symbol]:
    """The symbols that are rather variables than parameters."""
    return [s for s in sorted(expr.free_symbols, key=by_name) if not (s.is_positive or s.is_integer or _is_greek(s))]


def implied_variable(expr: sp.Expr) -> sp.Symbol | None:
    """What is the variable where nobody says so: r, or the only symbol that can be it; None if that is not clear.

    A symbol that is alone in its formula is the variable; where there are more, letters are rather
    variables and Greek names parameters. A Greek name that is the whole formula is a constant.
    """
    symbols = sorted(expr.free_symbols, key=by_name)
    if not symbols or any(symbol.name == "r" for symbol in symbols):
        return r
    if len(symbols) == 1:
        return r if expr == symbols[0] and (expr.is_positive or _is_greek(expr)) else symbols[0]
    letters = letters_of(expr)
    doubtful = [s for s in symbols if s.name in _FOR_VARIABLES] if not {s.name for s in letters} & set("xyz") else []
    candidates = [*letters, *doubtful]
    names = [symbol.name for symbol in (*candidates, *symbols)]
    if len(candidates) != 1 or (names[0] not in LIKE_VARIABLES and not LIKE_VARIABLES.isdisjoint(names)):
        return None  # 1/(1 + x^2/a^2), where x has been declared positive
    return candidates[0]
