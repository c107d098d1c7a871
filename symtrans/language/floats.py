"""The number that was meant by a float."""

import math
from fractions import Fraction

import sympy as sp


def meant_by(number: sp.Float) -> sp.Expr:
    """The number that was meant by a float: 0.1 is 1/10, 0.1 + 0.2 is 3/10, math.pi/2 is pi/2.

    A double that is no short decimal is the short fraction, the multiple of pi or the root that it is
    the rounding of; where there is none it counts with all its digits, as one of more digits always does.

    Examples
    --------
    >>> meant_by(sp.Float(0.1 + 0.2)), meant_by(sp.Float(2**0.5))
    (3/10, sqrt(2))
    """
    if number._prec > 53 or (float(number) == 0 and number != 0):  # SymPy's exponents have no end
        return sp.Rational(str(number))
    text = repr(float(number))
    if len(text.partition("e")[0].replace(".", "").strip("-0")) <= _SHORT_DECIMAL:
        return sp.Rational(text)
    exact = sp.Rational(float(number))
    for unit, power, most in _UNITS:
        scaled = (Fraction(exact.p, exact.q) / unit) ** power
        meant = _simplest(abs(scaled) * (1 - power * _ROUNDING), abs(scaled) * (1 + power * _ROUNDING))
        if meant.numerator * meant.denominator <= most:
            value = sp.Rational(meant.numerator, meant.denominator)
            value = sp.sqrt(value) if power == 2 else value * (sp.pi if unit != 1 else 1)
            return value if number > 0 else -value
    return sp.Rational(text)


_SHORT_DECIMAL = 14  # digits of a number as people write it
_ROUNDING = Fraction(1, 2**50)
_PI = Fraction(str(sp.pi.evalf(40)))
_UNITS = ((Fraction(1), 1, 10**12), (_PI, 1, 10**8), (Fraction(1), 2, 10**6))  # unit, power, how long


def _simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction of the smallest denominator in an interval of positive numbers."""
    whole = math.floor(low)
    if whole + 1 <= high or whole == low:
        return Fraction(whole if whole == low else whole + 1)
    return whole + 1 / _simplest(1 / (high - whole), 1 / (low - whole))
