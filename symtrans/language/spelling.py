"""How exact numbers are written: those of a formula that came as decimals go out as decimals.

A printer is given an expression in which such a number is an atom that knows how it is written. What is written is
always exact: 1.345 for 269/200, 1/3.61805 for 20000/72361, and the fraction where it is the shorter text.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import sympy as sp
from sympy.core.relational import Relational
from sympy.printing.pretty.stringpict import prettyForm

Decimals = frozenset[sp.Rational]
"""The positive numbers that came as decimals."""

_DECIMAL = re.compile(r"(?<![\w.])(?:\d+\.\d*|\.\d+|\d+(?=[eE]-))(?:[eE][+-]?\d+)?")
_PLAIN = frozenset((2, 4, 8))  # denominators of fractions that people write beside decimals
_LONGEST = 40  # digits of a number that is written out
_SMALL = 5  # zeros behind the point, from which on a power of ten is written
_CLEARED = 1000  # a whole number in a sum that comes of clearing denominators
_TYPED = 1  # what a number that came as a decimal counts, beside the characters of another


class Spelt(sp.AtomicExpr):  # type: ignore[misc]
    """A number that is written in a way of its own; for printers alone.

    Examples
    --------
    >>> print(2 * Spelt(sp.Rational(269, 200), "1.345"), float(Spelt(sp.pi, "C")))
    2*1.345 3.141592653589793
    """

    is_number = is_real = is_finite = is_commutative = True

    def __new__(cls, value: sp.Expr, text: str) -> "Spelt":
        """The number, and how it is written."""
        new = super().__new__(cls)
        new.value, new.text = value, text
        return new  # type: ignore[no-any-return]

    def __getnewargs__(self) -> tuple[sp.Expr, str]:
        return self.value, self.text

    def _hashable_content(self) -> tuple[Any, ...]:
        return self.value, self.text

    def _eval_is_rational(self) -> bool | None:
        return self.value.is_rational  # type: ignore[no-any-return]

    def _eval_is_extended_positive(self) -> bool | None:
        return self.value.is_extended_positive  # type: ignore[no-any-return]

    def _eval_evalf(self, prec: int) -> sp.Expr:
        return self.value._eval_evalf(prec)

    def sort_key(self, order: object = None) -> Any:
        """In a product behind whole numbers and before roots of them."""
        return sp.S.One.class_key(), (1, ("",)), sp.S.One.sort_key(), sp.S.One

    def could_extract_minus_sign(self) -> bool:
        """A name has no sign in front."""
        return False

    def _sympystr(self, printer: object) -> str:
        return self.text  # type: ignore[no-any-return]

    def _latex(self, printer: object) -> str:
        mantissa, mark, exponent = self.text.replace("...", r"\ldots").partition("e")
        stem, bar, index = mantissa.partition("_")
        return rf"{mantissa} \cdot 10^{{{exponent}}}" if mark else f"{stem}_{{{index}}}" if bar else stem

    def _pretty(self, printer: object) -> prettyForm:
        return prettyForm(self.text)


def decimal_text(number: sp.Rational) -> str:
    """A positive number with a finite decimal expansion, all of it; empty for another.

    Examples
    --------
    >>> decimal_text(sp.Rational(269, 200)), decimal_text(sp.Rational(1, 3)), decimal_text(sp.Rational(3, 10**8))
    ('1.345', '', '3e-8')
    """
    twos, fives, rest = _parts(int(number.q))
    places = max(twos, fives)
    if rest != 1 or not 0 < places <= _LONGEST:
        return ""
    digits = str(int(number * 10**places))
    if len(digits) <= places - _SMALL:
        tail = digits[1:].rstrip("0")
        return f"{digits[0]}{'.' * bool(tail)}{tail}e-{places - len(digits) + 1}"
    digits = digits.rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def _decimal(number: sp.Rational) -> Spelt:
    return Spelt(number, decimal_text(number))


def _parts(whole: int) -> tuple[int, int, int]:
    """How often 2 and 5 divide a number, and what is left of it."""
    counts = []
    for prime in (2, 5):
        counts.append(0)
        while whole % prime == 0:
            whole //= prime
            counts[-1] += 1
    return counts[0], counts[1], whole


def decimals_in(text: str) -> Decimals:
    """The numbers that a text writes as decimals.

    Examples
    --------
    >>> sorted(decimals_in("1.345*sgn(r) + x1.5 + 2.0 + 1e-3"))
    [1/1000, 269/200]
    """
    found = (match[0] for match in _DECIMAL.finditer(text) if len(match[0]) <= _LONGEST)
    return frozenset(n for n in map(sp.Rational, found) if n.is_positive and decimal_text(n))


def spelt(expr: sp.Basic, decimals: Decimals) -> sp.Basic:
    """An expression for printers: where some of its numbers came as decimals, numbers that are so are written so.

    Examples
    --------
    >>> r = sp.Symbol("r")
    >>> huber = r * sp.Rational(269, 100) - sp.Rational(72361, 40000)
    >>> print(spelt(huber, decimals_in("1.345")), "and", spelt(r / 2 + r**3 / 3, decimals_in("1.345")))
    2.69*r - 1.809025 and r**3/3 + r/2
    """
    return _spelt(expr, decimals) if decimals else expr


def _spelt(expr: sp.Basic, decimals: Decimals) -> sp.Basic:
    if isinstance(expr, sp.Rational) and not expr.is_Integer:
        return _number(expr, decimals)
    if not expr.args:
        return expr
    if isinstance(expr, sp.Pow) and abs(expr.exp) == sp.Rational(1, 2):
        return sp.Pow(_spelt(expr.base, decimals), expr.exp)
    if isinstance(expr, sp.Mul):
        number, rest = expr.as_coeff_Mul(rational=True)
        return _product(number, list(sp.Mul.make_args(rest)), decimals)
    args = [_spelt(arg, decimals) for arg in expr.args]
    if all(new is old for new, old in zip(args, expr.args, strict=True)):
        return expr
    if isinstance(expr, sp.Piecewise | sp.Max | sp.Min | Relational):
        return expr.func(*args, evaluate=False)
    return expr.func(*args)


def _product(number: sp.Rational, factors: list[sp.Expr], decimals: Decimals) -> sp.Expr:
    """A number times what is no number; a root of an integer may belong to the number: sqrt(30)/10 is sqrt(0.3)."""
    others = []
    for factor in factors:
        if factor.is_Pow and factor.exp == sp.Rational(1, 2) and factor.base.is_Integer:
            if number**2 * factor.base in decimals:
                others.append(sp.sqrt(_decimal(number**2 * factor.base)))
                number = sp.S.One
                continue
            if abs(number * factor.base) in decimals:  # 1.345 over the root of 2
                factor, number = factor / factor.base, number * factor.base
        base, power = factor.as_base_exp()
        if base.is_Add and power.is_Integer:
            scale = _scale(number, base, power, decimals)
            factor, number = (sp.Add(*(term / scale for term in base.args))) ** power, number * scale**power
        others.append(_spelt(factor, decimals))
    return sp.Mul(_number(number, decimals), *others)


def _scale(number: sp.Rational, total: sp.Add, power: sp.Integer, decimals: Decimals) -> sp.Rational:
    """What is taken out of a sum, so that its numbers are short: 40000 r^2 - 877969 becomes 1 - r^2/21.949225."""
    sizes = [term.as_coeff_Mul(rational=True)[0] for term in total.args]
    if max(abs(size.p) for size in sizes) < _CLEARED:
        return sp.S.One

    def cost(scale: sp.Rational) -> int:
        return sum(_cost(size / scale, decimals) for size in (*sizes, number * scale ** (power + 1)))

    return min((sp.S.One, *sizes), key=cost)


def _cost(number: sp.Rational, decimals: Decimals) -> int:
    return min(spelling.cost(decimals) for spelling in _spellings(abs(number), decimals))


class _Spelling(NamedTuple):
    """A quotient of two numbers, at least one of them a decimal or both whole, and how long it is."""

    above: sp.Rational
    below: sp.Rational

    def cost(self, decimals: Decimals) -> int:
        sizes = [_size(part, decimals) for part in self if part != 1]
        return sum(sizes) + int(self.below != 1)

    @property
    def expr(self) -> sp.Expr:
        above, below = (part if part.is_Integer else _decimal(part) for part in self)
        return above / below


def _size(number: sp.Rational, decimals: Decimals) -> int:
    text = str(number) if number.is_Integer else decimal_text(number)
    return _TYPED if number in decimals else len(text)


def _number(number: sp.Rational, decimals: Decimals) -> sp.Expr:
    """A fraction in its shortest spelling; of equally long ones the decimal."""
    size = abs(number)
    if number.is_Integer or (size not in decimals and 1 / size not in decimals and int(size.q) in _PLAIN):
        return number
    best = min(_spellings(size, decimals), key=lambda spelling: spelling.cost(decimals)).expr
    return -best if number.is_negative else best


def _spellings(number: sp.Rational, decimals: Decimals) -> Iterator[_Spelling]:
    for turned in (False, True):
        q = 1 / number if turned else number
        twos, fives, rest = _parts(int(q.q))
        above = sp.Rational(q.p, 2**twos * 5**fives)
        if decimal_text(above):
            pair = (above, sp.Integer(rest))
            yield _Spelling(*reversed(pair)) if turned else _Spelling(*pair)
    yield _Spelling(sp.Integer(number.p), sp.Integer(number.q))
    for typed in sorted(decimals):
        if (typed / number).is_Integer:
            yield _Spelling(typed, typed / number)
        if typed * number == 1:
            yield _Spelling(sp.S.One, typed)
