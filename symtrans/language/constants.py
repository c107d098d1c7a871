"""Long constants in formulas: a name and a definition, or their first digits.

Three dots say that a number goes on: 3.31488... is cut off, not rounded.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

import sympy as sp

from symtrans.language.cases import replaced
from symtrans.language.spelling import Spelt
from symtrans.language.text_printer import plain

_LONG = 24  # characters of a constant that readers rather have a name for
_DOUBLE = 12  # characters of a double that is written with all its digits
_DIGITS = 6
_MOST = 4  # names


def first_digits(number: sp.Expr) -> str:
    """The first digits of a number that has more of them.

    Examples
    --------
    >>> first_digits(sp.pi), first_digits(-1000 * sp.E), first_digits(sp.exp(-20))
    ('3.14159...', '-2718.28...', '2.06115...e-9')
    """
    exact = sp.Rational(str(number.evalf(_DIGITS + 30)))
    size = sp.floor(sp.log(abs(exact), 10)) if exact else 0
    scaled = int(abs(exact) * 10 ** (_DIGITS - 1 - size))
    near = -5 < size < _DIGITS
    digits = str(scaled)
    if near and size < 0:
        text = f"0.{'0' * (-size - 1)}{digits}..."
    else:
        places = size + 1 if near else 1
        text = f"{digits[:places]}.{digits[places:]}..." + ("" if near else f"e{size}")
    return f"-{text}" if exact < 0 else text


def shortened(expr: sp.Basic) -> sp.Basic:
    """An expression for printers, in which long constants are their first digits; a double is written as one.

    Examples
    --------
    >>> print(shortened(sp.Rational(-0.4)), shortened(sp.Rational(3602879701896397, 7193755808156460)))
    -0.4 0.500834...
    >>> print(shortened(sp.Symbol("h") ** 2 / (1 + sp.sqrt(2) * sp.exp(-sp.sqrt(3) / 7 - sp.sqrt(5) / 3))))
    0.656157...*h**2
    """
    numbers = _long_numbers(expr, inner=False)
    return replaced(expr, {number: _short(number) for number in numbers}) if numbers else expr


def _short(number: sp.Expr) -> Spelt:
    exact = number.xreplace({atom: atom.value for atom in number.atoms(Spelt)})
    near = repr(float(exact))
    is_double = exact.is_Rational and len(near) <= _DOUBLE and sp.Rational(float(exact)) == exact
    return Spelt(number, near if is_double else first_digits(exact))


def named(exprs: Iterable[sp.Basic], taken: Collection[str]) -> Mapping[sp.Expr, Spelt]:
    """Names for the long constants of several formulas, each with what it stands for; those in `taken` are none.

    Examples
    --------
    >>> c, x = sp.exp(-sp.Rational(1, 8)) + sp.LambertW(-sp.exp(-sp.Rational(1, 8)) / 8, -1), sp.Symbol("x")
    >>> {str(name): str(value) for value, name in named([sp.exp(c * x), c**x / c], "x").items()}
    {'C': 'LambertW(-exp(-1/8)/8, -1) + exp(-1/8)'}
    """
    left, found = list(exprs), dict[sp.Expr, Spelt]()
    free = (name for name in ("C", *(f"C_{k}" for k in range(1, _MOST + len(taken) + 1))) if name not in taken)
    while len(found) < _MOST:
        counts = Counter(number for expr in left for number in _long_numbers(expr, inner=True))
        if not counts:
            break
        value = max(counts, key=lambda number: (counts[number] * len(plain(number)), plain(number)))
        found[value] = Spelt(value, next(free))
        left = [replaced(expr, found) for expr in left]
    return found


def definition(value: sp.Expr, name: Spelt) -> str:
    """What a constant is, as text."""
    return f"{name} = {plain(value)}, about {rounded(value)}"


def rounded(number: sp.Expr) -> str:
    """A number rounded to six digits."""
    return str(sp.N(number, _DIGITS))


def _long_numbers(expr: sp.Basic, inner: bool) -> list[sp.Expr]:
    """The long constants of an expression, as often as they occur; inner ones are those within such, too."""
    if isinstance(expr, sp.Expr) and expr.is_number:
        if expr.is_Integer or isinstance(expr, sp.NumberSymbol | Spelt) or (inner and expr.is_rational):
            return []  # those have a name, are as the user wrote them, or belong to an exact formula
        if not expr.is_finite or not expr.is_real or len(plain(expr)) <= _LONG:
            return []
        if not inner:
            return [expr]
    within = [number for arg in expr.args for number in _long_numbers(arg, inner)]
    return [expr, *within] if isinstance(expr, sp.Expr) and expr.is_number else within
