"""Polylogarithms of complex arguments as real functions of modulus and angle.

Primitives of x R(exp(x)) hold dilogarithms at the poles of R. Complex poles come in conjugate
pairs, of which only the real and the imaginary part of one value remain (L. Lewin,
Polylogarithms and Associated Functions, 1981, chapter 5).
"""

from typing import Any

import mpmath
import sympy as sp
from flint import acb, arb, ctx
from sympy.core.function import ArgumentIndexError


def float_of(number: arb, bits: int) -> sp.Float:
    """The middle of a ball as a SymPy number of `bits` bits."""
    mantissa, exponent = (int(part) for part in number.man_exp())
    return sp.Float((int(mantissa < 0), abs(mantissa), exponent, abs(mantissa).bit_length()), precision=bits)


class _OfModulusAndAngle(sp.Function):  # type: ignore[misc]
    """What the two parts of Li_s(rho exp(i theta)) share: 0 < theta < pi, so that no branch cut is met."""

    nargs = 3

    @classmethod
    def eval(cls, order: sp.Expr, modulus: sp.Expr, angle: sp.Expr) -> sp.Expr | None:
        """Elementary for s = 1, and 0 for rho = 0."""
        if modulus == 0:
            return sp.S.Zero
        return cls.elementary(modulus, sp.cos(angle), sp.sin(angle), angle) if order == 1 else None

    @classmethod
    def _imp_(cls, order: Any, modulus: Any, angle: Any) -> Any:
        """What `sympy.lambdify` calls: mpmath numbers at their precision, else arrays of doubles."""
        if any(isinstance(value, mpmath.mpf) for value in (order, modulus, angle)):
            with ctx.workprec(mpmath.mp.prec + 32):
                ball = cls.ball_at(*(arb(mpmath.mpf(value)) for value in (order, modulus, angle)))
                return mpmath.mpf(float_of(ball.mid(), ctx.prec))
        import numpy as np  # symbolic work does without

        double = np.vectorize(lambda *values: float(cls._imp_(*map(mpmath.mpf, values))), otypes=[float])
        return double(order, modulus, angle)

    def _eval_is_real(self) -> bool | None:
        return True if all(arg.is_real for arg in self.args) else None

    def _eval_evalf(self, prec: int) -> sp.Expr | None:
        if self.free_symbols:
            return None
        with ctx.workprec(prec + 32):
            return float_of(self.ball_at(*(arb(arg._to_mpmath(ctx.prec)) for arg in self.args)).mid(), prec)

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        """With Li_s(z)' = Li_(s-1)(z)/z; there is no derivative by the order."""
        order, modulus, angle = self.args
        if argindex == 2:
            return type(self)(order - 1, modulus, angle) / modulus
        if argindex == 3:
            return self.turned(order - 1, modulus, angle)
        raise ArgumentIndexError(self, argindex)


class repolylog(_OfModulusAndAngle):  # noqa: N801 - formulas show the name of the class, beside polylog
    """Re Li_s(rho exp(i theta)).

    Examples
    --------
    >>> repolylog(2, 1, sp.pi / 2).evalf(20)  # -pi**2/48
    -0.20561675835602830456
    >>> repolylog(1, 2, sp.pi / 2)
    -log(5)/2
    """

    @staticmethod
    def elementary(modulus: sp.Expr, cosine: sp.Expr, sine: sp.Expr, angle: sp.Expr) -> sp.Expr:
        """Re Li_1 = -log|1 - z|."""
        return -sp.log(1 - 2 * cosine * modulus + modulus**2) / 2

    @staticmethod
    def turned(order: sp.Expr, modulus: sp.Expr, angle: sp.Expr) -> sp.Expr:
        """The derivative by the angle."""
        return -impolylog(order, modulus, angle)

    @staticmethod
    def ball_at(order: arb, modulus: arb, angle: arb) -> arb:
        """Its value in ball arithmetic."""
        return _complex(order, modulus, angle).real


class impolylog(_OfModulusAndAngle):  # noqa: N801
    """Im Li_s(rho exp(i theta)).

    Examples
    --------
    >>> impolylog(2, 1, sp.pi / 2).evalf(20)  # Catalan's constant
    0.91596559417721901505
    """

    @staticmethod
    def elementary(modulus: sp.Expr, cosine: sp.Expr, sine: sp.Expr, angle: sp.Expr) -> sp.Expr:
        """Im Li_1 = -arg(1 - z), continuous in rho."""
        if cosine.is_nonpositive:
            return sp.atan(modulus * sine / sp.factor_terms(1 - modulus * cosine, clear=True))
        return sp.atan((modulus - cosine) / sine) + sp.pi / 2 - angle

    @staticmethod
    def turned(order: sp.Expr, modulus: sp.Expr, angle: sp.Expr) -> sp.Expr:
        """The derivative by the angle."""
        return repolylog(order, modulus, angle)

    @staticmethod
    def ball_at(order: arb, modulus: arb, angle: arb) -> arb:
        """Its value in ball arithmetic."""
        return _complex(order, modulus, angle).imag


def _complex(order: arb, modulus: arb, angle: arb) -> acb:
    return (acb(modulus) * acb(angle.cos(), angle.sin())).polylog(acb(order))
