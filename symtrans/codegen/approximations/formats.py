"""The two floating-point formats: rounding to them, and the unit in the last place."""

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from flint import arb, fmpq


@dataclass(frozen=True)
class Format:
    """An IEEE 754 binary format.

    Attributes
    ----------
    name : str
        The NumPy name.
    precision : int
        Bits of the significand, the hidden one included.
    bias : int
        The bias of the exponent; also its largest value.
    """

    name: str
    precision: int
    bias: int

    @property
    def least(self) -> int:
        """The exponent of the smallest normal number."""
        return 1 - self.bias

    @property
    def largest(self) -> float:
        """The largest finite number."""
        return float(np.finfo(self.name).max)

    @property
    def stored(self) -> int:
        """Stored bits of the significand."""
        return self.precision - 1

    def round(self, number: arb) -> float:
        """A number of the format next to the midpoint of a ball (nearest up to double rounding)."""
        return float(np.dtype(self.name).type(float(number.mid())))

    def ulp(self, size: arb) -> arb:
        """The unit in the last place of the lower end of |size|, never below that of a subnormal number."""
        low = size.abs_lower()
        exponent = self.least
        if not low.is_zero():
            mantissa, power = low.man_exp()
            exponent = max(exponent, int(mantissa).bit_length() - 1 + int(power))
        return two_to(exponent - self.stored)

    def half_ulp(self, size: arb) -> arb:
        """The largest error of one rounding to nearest of any number in the ball, if nothing overflows."""
        high = size.abs_upper()
        # a float of it will do, since rounding is monotone: 2^(power - 1) <= float < 2^power
        mantissa, power = math.frexp(float(high))
        if not mantissa < 1:
            return arb.pos_inf()
        # a power of two is itself a number of the format: up to it, the gaps are those below it
        exponent = power - 2 if mantissa == 0.5 and high <= two_to(power - 1) else power - 1
        return two_to(max(self.least, exponent if mantissa else self.least) - self.precision)


@lru_cache(maxsize=4096)
def two_to(exponent: int) -> arb:
    """The exact power of two."""
    return arb(fmpq(2)) ** exponent


def rounded_up(bound: arb) -> float:
    """A float with three digits that is not below the bound."""
    value = float(bound.abs_upper())
    text = float(f"{value:.3g}")
    return text if text > value or value == 0 else float(f"{value * 1.005:.3g}")


def shortest(value: np.floating) -> str:
    """The shortest decimal text that reads back as the same number, whichever NumPy is installed.

    `str` of a float32 turns to exponents at 1e16 in one NumPy and at 1e6 in another. The largest float32 is written as
    the float64 that it is: 3.4028235e+38 is beyond it, and PyTorch takes no number from beyond.

    Examples
    --------
    >>> [shortest(np.float32(x)) for x in (0.1, 3, 999999, 1572864, 1e-30)]
    ['0.1', '3.0', '999999.0', '1.572864e+06', '1e-30']
    """
    if value.dtype.itemsize == 8:
        return repr(float(value))
    if value == 0 or 1e-4 <= abs(float(value)) < 1e6:
        return np.format_float_positional(value, unique=True, trim="0")
    text = np.format_float_scientific(value, unique=True, trim="-", exp_digits=2)
    return text if abs(float(text)) <= float(np.finfo(value.dtype).max) else repr(float(value))


FORMATS = {"float32": Format("float32", 24, 127), "float64": Format("float64", 53, 1023)}
