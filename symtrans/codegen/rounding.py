"""The max-min principle in floating point: how far the step stays below its bound, and for which fluxes that is enough.

The argument is that of docs/floating-point.md: with c the computed step, if the
computed flux F has the sign of its argument r and |F| <= sup g |r| (1 + u)^k, and
K = k + all other roundings of a block is at most `ROUNDINGS`, then a step of at
most (1 - ROUNDINGS u) times the bound keeps every sample in the range of the
three that it is made of.
"""

from dataclasses import dataclass

import numpy as np
import sympy as sp
from sympy.codegen.cfunctions import expm1, log1p

from symtrans.calculus.algebra.comparisons import compare
from symtrans.calculus.undecided import Undecided
from symtrans.codegen.common import SIGN, A, PowerOfTwo, R
from symtrans.codegen.scalar import Branch, ScalarCode

ROUNDINGS = 64
_FUNCTION = 11  # roundings that an error of 5.5 units in the last place is worth: no function has a larger one
_SLOPES_AT_ZERO = {
    log1p: sp.S.One,
    sp.tanh: sp.S.One,
    sp.atan: sp.S.One,
    sp.asinh: sp.S.One,
    sp.erf: 2 / sp.sqrt(sp.pi),
}


class _Open(Exception):
    """The bound of a formula is not found."""


def largest_step(step: sp.Expr, dtype: str) -> sp.Expr:
    """What the step of a kernel is cut off at: (1 - 64 u) times the one at the bound, u = eps/2 the unit roundoff."""
    unit = sp.Rational(float(np.finfo(dtype).eps)) / 2
    return (1 - ROUNDINGS * unit) * step


def keeps_range(code: ScalarCode, g_max: sp.Expr) -> bool:
    """Whether rounding is proved not to break the max-min principle for this flux and a step cut off at `largest_step`.

    False means that no proof was found. `g_max` is in the inner symbols of ``code.parameters``.
    """
    inner = {sp.Symbol(name, positive=True): symbol for name, _, symbol in code.parameters}
    values = {constant.name: constant.expr for constant in code.constants}
    scalars = _Scalars(inner, values)
    others = 3 + scalars.roundings(code.step)  # a difference of samples, one of fluxes, a product
    if code.inverse_h is not None:
        others += 1 + scalars.roundings(code.inverse_h)
    try:
        for branch in code.branches:
            value, count = _Ratio(branch, scalars).of(branch.value)
            if others + count > ROUNDINGS or compare(value, g_max) > 0:
                return False
    except (_Open, Undecided):
        return False
    return True


@dataclass(frozen=True)
class _Scalars:
    """Constants of a kernel as formulas in its parameters, and how many roundings they have gone through."""

    inner: dict[sp.Symbol, sp.Symbol]
    constants: dict[str, sp.Expr]

    def value(self, expr: sp.Expr) -> sp.Expr:
        while used := [s for s in expr.free_symbols if s.name in self.constants]:
            expr = expr.subs({s: self.constants[s.name] for s in used}, simultaneous=True)
        return expr.xreplace(self.inner)

    def roundings(self, expr: sp.Expr) -> int:
        if expr.is_Symbol:
            return self.roundings(self.constants[expr.name]) if expr.name in self.constants else 1
        if not expr.args or expr.is_number:
            return 1
        each = sum(map(self.roundings, expr.args))
        if isinstance(expr, sp.Pow):
            times = max(1, int(abs(expr.exp)))
            rounded = isinstance(2 * expr.exp, sp.Integer)  # products, quotients and square roots are
            return times * (self.roundings(expr.base) + 1) + (2 if rounded else _FUNCTION)
        if isinstance(expr, sp.Mul | sp.Add | sp.Min):
            if isinstance(expr, sp.Add) and not all(arg.is_nonnegative for arg in expr.args):
                return ROUNDINGS + 1  # a difference of constants may lose any number of digits
            return each + len(expr.args) - 1
        return ROUNDINGS + 1


@dataclass(frozen=True)
class _Range:
    """lo (1 + u)^-count <= |computed value| <= hi (1 + u)^count."""

    lo: sp.Expr
    hi: sp.Expr
    count: int


@dataclass(frozen=True)
class _Ratio:
    """Bounds of computed values in one branch, where |r| is beyond its bound."""

    branch: Branch
    scalars: _Scalars

    def of(self, flux: sp.Expr) -> tuple[sp.Expr, int]:
        """(b, k) with 0 <= F/r <= b (1 + u)^k for the computed flux F."""
        flux = self._expanded(flux)
        if flux == 0:
            return sp.S.Zero, 0
        carriers: list[sp.Expr] = []
        factors: list[sp.Expr] = []
        for factor in _signed(flux):
            power, base = (factor.exp, factor.base) if isinstance(factor, sp.Pow) else (sp.S.One, factor)
            odd = base == R and isinstance(power, sp.Integer) and power % 2
            (carriers if odd or base == SIGN or type(base) in _SLOPES_AT_ZERO else factors).append(factor)
        if SIGN in carriers:  # sgn(r) ln(1 + c |r|) is odd, and below c |r|
            carriers = [f.xreplace({A: R}) for f in carriers if f != SIGN and isinstance(f, log1p)] or carriers
        if len(carriers) != 1:
            raise _Open
        (carrier,) = carriers
        rest = self._product([self._size(factor) for factor in factors])
        if type(carrier) in _SLOPES_AT_ZERO:
            # |tanh(x)| <= |x| and the like; the argument is a multiple of r.
            slope, count = self.of(carrier.args[0])
            return rest.hi * slope * _SLOPES_AT_ZERO[type(carrier)], rest.count + count + _FUNCTION + 1
        power = 0 if carrier == SIGN else carrier.exp if isinstance(carrier, sp.Pow) else 1
        remaining = self._power(self._modulus(), sp.Integer(power - 1))
        total = self._product([rest, remaining])
        if total.hi is sp.oo or total.hi.has(sp.nan, sp.zoo):
            raise _Open
        return total.hi, total.count

    def _expanded(self, expr: sp.Expr) -> sp.Expr:
        for temporary in reversed(self.branch.temporaries):
            expr = expr.xreplace({temporary.symbol: temporary.expr})
        return expr

    def _modulus(self) -> _Range:
        if self.branch.bound is None:
            return _Range(sp.S.Zero, sp.oo, 0)
        bound = sp.Symbol(self.branch.bound)
        value = self.scalars.value(bound)
        return _Range(value, value if self.branch.relation == "==" else sp.oo, self.scalars.roundings(bound))

    def _size(self, expr: sp.Expr) -> _Range:
        if not {R, A, SIGN} & expr.free_symbols:
            value = self.scalars.value(expr)
            if not value.is_positive:
                raise _Open
            return _Range(value, value, self.scalars.roundings(expr))
        if expr == A:
            return self._modulus()
        if isinstance(expr, sp.Pow):
            return self._power(
                self._modulus() if expr.base == R and expr.exp.is_even else self._size(expr.base), expr.exp
            )
        if isinstance(expr, sp.Mul) and not isinstance(-expr, expm1):
            return self._product([self._size(factor) for factor in _signed(expr)])
        if isinstance(expr, sp.Add):
            parts = [self._size(term) for term in expr.args]
            count = max(part.count for part in parts) + len(parts) - 1
            return _Range(sp.Add(*(p.lo for p in parts)), sp.Add(*(p.hi for p in parts)), count)
        if isinstance(expr, sp.exp | PowerOfTwo) or isinstance(-expr, expm1):  # exp(y), 2^y and 1 - exp(y) for y <= 0
            inside = (-expr).args[0] if isinstance(-expr, expm1) else expr.args[0]
            self._size(self._negated(inside))
            return _Range(sp.S.Zero, sp.S.One, _FUNCTION)
        raise _Open

    def _negated(self, expr: sp.Expr) -> sp.Expr:
        """-expr, where expr has one factor that is negative."""
        moving = [f for f in sp.Mul.make_args(expr) if {R, A, SIGN} & f.free_symbols]
        scalar = sp.Mul(*(f for f in sp.Mul.make_args(expr) if f not in moving))
        if not self.scalars.value(scalar).is_negative:
            raise _Open
        return sp.Mul(*moving)

    def _power(self, base: _Range, exponent: sp.Expr) -> _Range:
        if exponent == 0:
            return _Range(sp.S.One, sp.S.One, 0)
        if not exponent.is_Rational:
            raise _Open
        ends = (base.lo, base.hi) if exponent > 0 else (base.hi, base.lo)
        lo, hi = (_raised(end, exponent) for end in ends)
        whole = exponent.is_Integer and exponent > 0
        size = int(sp.ceiling(abs(exponent)))
        return _Range(lo, hi, size * (base.count + 1) + (0 if whole else _FUNCTION))

    def _product(self, parts: list[_Range]) -> _Range:
        lo = sp.S.Zero if any(p.lo == 0 for p in parts) else sp.Mul(*(p.lo for p in parts))
        if any(p.hi is sp.oo for p in parts):
            hi: sp.Expr = sp.oo
        else:
            hi = sp.Mul(*(p.hi for p in parts))
        return _Range(lo, hi, sum(p.count for p in parts) + max(0, len(parts) - 1))


def _signed(product: sp.Expr) -> tuple[sp.Expr, ...]:
    """Its factors, the sign of exp(y) - 1 with it."""
    factors = list(sp.Mul.make_args(product))
    below = next((f for f in factors if isinstance(f, expm1)), None)
    if below is not None and factors[0].is_negative:
        factors[0], factors[factors.index(below)] = -factors[0], -below
    return tuple(f for f in factors if f != 1)


def _raised(end: sp.Expr, exponent: sp.Expr) -> sp.Expr:
    if end is sp.oo:
        return sp.oo if exponent > 0 else sp.S.Zero
    if end == 0:
        return sp.S.Zero if exponent > 0 else sp.oo
    return end**exponent
