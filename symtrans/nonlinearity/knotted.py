"""Splines as nonlinearities: through knots as they are given, or fitted to samples."""

from typing import Any, Self

from symtrans.calculus.functions.splines import as_spline
from symtrans.language.symbols import Names
from symtrans.nonlinearity.formula import Formula
from symtrans.nonlinearity.knots import Knots, knots
from symtrans.runtime.public import public


@public
class Knotted(Formula):
    """A nonlinearity that may be entered by its values at knots; each of the four kinds is one."""

    __slots__ = ()

    @classmethod
    def from_knots(cls, r: Any, values: Any, *, tail: str = "linear") -> Self:
        """The continuous spline through knots, linear between them, extended to r < 0 by the parity of the kind.

        Parameters
        ----------
        r : array_like
            The knots, r >= 0 and ascending. Below the first one it is linear between that and its mirror image.
        values : array_like
            One value for each knot. Floats are taken exactly; text such as "1/3" is a fraction.
        tail : "linear" or "constant"
            Beyond the last knot it goes on with the last slope, or keeps the last value.

        Raises
        ------
        NonlinearityError
            If the knots do not ascend from r >= 0, have not one value each, or make no nonlinearity of this kind.

        Examples
        --------
        >>> from symtrans import Activation, Diffusivity, certify
        >>> phi = Activation.from_knots([0, 1, 2], [0, 1, "1/3"], tail="constant")
        >>> phi, phi([-0.5, 1.0])
        (Activation.from_knots([0, 1, 2], [0, 1, '1/3'], tail='constant'), array([-0.5,  1. ]))
        >>> phi.to(Diffusivity).expr
        Piecewise((1, Abs(r) <= 1), (-2/3 + 5/(3*Abs(r)), Abs(r) <= 2), (1/(3*Abs(r)), True))
        >>> certify(phi).slope_min.value
        -2/3
        """
        return cls._from_knots(knots(r, values, tail, cls.__name__))

    @classmethod
    def fit(
        cls,
        r: Any,
        values: Any,
        *,
        knots: Any,
        constraint: str | None = None,
        largest: float = float("inf"),
        tail: str = "constant",
    ) -> Self:
        """The spline through these knots that is nearest to samples, in the mean square, within a constraint.

        Parameters
        ----------
        r, values : array_like
            Samples; those at r < 0 count by the parity of the kind.
        knots : int or array_like
            Places r > 0, or how many of them up to the largest sample.
        constraint : {None, "max-min", "sign", "monotone"}
            What networks keep: 0 <= g <= `largest`; for a shrinkage also 0 <= S(r) <= r; 0 <= Phi' <= `largest`.
            The constraint holds exactly. It needs SciPy.
        largest : float
        tail : {"constant", "linear"}

        Examples
        --------
        >>> from symtrans import Activation
        >>> phi = Activation.fit([0.5, 1, 2], [0.5, 1.5, -0.1], knots=[1, 2], constraint="max-min", largest=1)
        >>> phi([1.0, 2.0])
        array([1., 0.])
        """
        from symtrans.nonlinearity.fitting import box_of, fitted

        shown = f"{cls.__name__}.fit"
        box = box_of(cls.letter, constraint, largest, shown)
        found = fitted(r, values, knots, box, cls.letter, tail, shown)
        return cls.from_knots(found.places, found.values, tail=tail)

    @classmethod
    def _from_knots(cls, given: Knots, **more: Any) -> Self:
        half = as_spline(given.spline(cls.parity))
        cls._check(half, Names(), ())
        return cls._derived(half, Names(), entry=given, **more)
