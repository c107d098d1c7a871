"""The four kinds of nonlinearity: Diffusivity, Regulariser, Shrinkage, Activation. Each adds its own checks."""

from collections.abc import Iterable
from typing import Any, Self

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.comparisons import sign, vanishes
from symtrans.calculus.algebra.derivatives import differentiate
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import HalfLine, Parity
from symtrans.calculus.functions.splines import Spline
from symtrans.calculus.undecided import Undecided
from symtrans.errors import NonlinearityError
from symtrans.language.symbols import QUARTER, Names, r, time_step
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.admission import part, read, real_sides, refuse_condition, text_or_latex
from symtrans.nonlinearity.formula import Assumptions, is_infinite, limits_at_zero
from symtrans.nonlinearity.kind import AnyKind, Kind
from symtrans.nonlinearity.knots import knots
from symtrans.runtime.public import public


def _part(
    kind: type[AnyKind],
    expr: Any,
    latex: str | None,
    variable: sp.Symbol | str | None,
    assume: Iterable[Any],
    **more: Any,
) -> AnyKind:
    """The part of any real function of r that has the parity of this kind."""
    given = text_or_latex(expr, latex, kind.__name__)
    with real_sides(given, kind.__name__):
        inner, names = read(given, variable, kind.__name__)
    found = kind(names.outward(part(inner, kind.parity)), variable=names.variable, assume=assume, **more)
    found = found.spelling(names.decimals)
    tidier = kind._derived(found.half, found.names, found.assumptions, **found._more())
    return min(found, tidier, key=lambda each: each.inner.count_ops())


@public
class Diffusivity(Kind):
    r"""A diffusivity g: even; the diffusion is u_t = (g(u_x) u_x)_x (eq. 1).

    It may be infinite at r = 0 as long as g(r) r stays bounded there (TV flow, 1/abs(r)).

    Examples
    --------
    >>> Diffusivity("exp(-r^2/(2 lambda^2))").to(Activation)
    Activation('r*exp(-r^2/(2*lambda^2))')
    >>> Diffusivity(latex=r"\exp\left(-\frac{r^2}{2\lambda^2}\right)")
    Diffusivity('exp(-r^2/(2*lambda^2))')
    """

    __slots__ = ()

    parity = Parity.EVEN
    letter = "g"
    latex_letter = "g"

    @classmethod
    def _refuse_entered(cls, half: HalfLine, names: Names, assumptions: Assumptions) -> None:
        if is_infinite(half.map(lambda g, x: g * x, Parity.ODD), assumptions):
            shown = f"Diffusivity({plain(names.written(names.outward(half.pieces[0].expr.xreplace({X: sp.Abs(r)}))))})"
            raise NonlinearityError(
                f"{shown} is unbounded at {names.variable} = 0: even the flux {names.variable}*g({names.variable}) is. "
                "Truncate it near 0, as in the truncated BFB diffusivity."
            )

    @classmethod
    def even_part(
        cls,
        expr: Any = None,
        *,
        latex: str | None = None,
        variable: sp.Symbol | str | None = None,
        assume: Iterable[Any] = (),
    ) -> Self:
        """The even part (f(r) + f(-r))/2 of any real function.

        Examples
        --------
        >>> Diffusivity.even_part("1 + relu(r)")
        Diffusivity('1 + |r|/2')
        """
        return _part(cls, expr, latex, variable, assume)


@public
class Regulariser(Kind):
    """A regulariser Psi: even, continuous, Psi(0) = 0; it penalises u_x (eq. 14).

    Its flux may be unbounded at 0, as that of ``sqrt(|r|)``, or Psi may jump up there, as the l0 penalty of all r != 0
    does: then it has a proximal map, and no stable step; of a jump there is no activation.

    Examples
    --------
    >>> Regulariser("2 lambda^2 (sqrt(1 + r^2/lambda^2) - 1)").to(Diffusivity)
    Diffusivity('1/sqrt(1 + r^2/lambda^2)')
    """

    __slots__ = ()

    parity = Parity.EVEN
    letter = "Psi"
    latex_letter = "\\Psi"

    @classmethod
    def _refuse_entered(cls, half: HalfLine, names: Names, assumptions: Assumptions) -> None:
        for piece in half.pieces if half.parameters else ():
            # Cases in a parameter are those of the integral only (p = 1 makes a logarithm); the flux has none.
            if piece.expr.has(sp.Piecewise) and simplified(differentiate(piece.expr, X)).has(sp.Piecewise):
                condition = next(iter(piece.expr.atoms(sp.Piecewise))).args[0].cond
                refuse_condition(f"Regulariser({names.outward(expression(half, r))})", condition, names.variable)
        super()._refuse_entered(half, names, assumptions)

    @classmethod
    def _check(cls, half: HalfLine, names: Names, assumptions: Assumptions) -> None:
        v = names.variable

        def said(value: sp.Expr) -> str:
            return plain(names.written(names.outward(value)), v)

        if not vanishes(half.origin):
            wrong = f"Regulariser({said(expression(half, r))}) is {said(half.origin)} at {v} = 0"
            mend = repr(said(expression(half, r) - half.origin))
            raise NonlinearityError.told(
                lambda mended: f"{wrong}, and a regulariser is 0 there. Subtract it: {mended}",
                f"Regulariser({mend})",
                mend,
            )
        at_zero = [value for _, value in limits_at_zero(half, assumptions)]
        costs = {sp.oo if value in (sp.oo, -sp.oo) else sign(value) for value in at_zero}
        jumps = [] if costs in ({0}, {1}) else [sp.S.Zero]
        for k in half.may_jump():
            sides = (half.before(k), half.after(k))
            if any(side in (sp.oo, -sp.oo) or not vanishes(side - half.values[k]) for side in sides):
                jumps.append(half.breaks[k])
        if jumps:
            raise NonlinearityError(
                f"Regulariser({said(expression(half, r))}) jumps at |{v}| = "
                f"{said(jumps[0])}: its derivative is a measure, not an activation. Make it continuous."
            )

    def jump_at_zero(self) -> sp.Expr:
        """How much any r != 0 costs, as in the l0 penalty; 0 of a continuous one."""
        return self.half.after(-1)

    def flux_away_from_zero(self) -> HalfLine:
        """Phi = Psi'/2 for r > 0, which exists also where it is unbounded at 0 or, as of a jump there, a measure."""
        return self.half.derivative().map(lambda slope, _: slope / 2, Parity.ODD, sp.S.Zero)

    def why_no(self, kind: type[Kind]) -> str:
        """A penalty that jumps at 0 has no flux there."""
        try:
            if isinstance(self.half, Spline) or vanishes(self.jump_at_zero()):
                return ""
        except Undecided:
            return ""
        v, away = self.variable, expression(self.flux_away_from_zero(), r)
        return (
            f"the {kind.__name__.lower()} of {self} does not exist: Psi jumps at {v} = 0, where its flux is a "
            f"measure; away from 0 it is {plain(self.names.outward(away), v)}"
        )

    def _is_steep(self) -> bool:
        return not isinstance(self.half, Spline) and is_infinite(self.flux_away_from_zero(), self.assumptions)

    @classmethod
    def even_part(
        cls,
        expr: Any = None,
        *,
        latex: str | None = None,
        variable: sp.Symbol | str | None = None,
        assume: Iterable[Any] = (),
    ) -> Self:
        """The even part (f(r) + f(-r))/2 of any real function.

        Examples
        --------
        >>> Regulariser.even_part("relu(r)")
        Regulariser('|r|/2')
        """
        return _part(cls, expr, latex, variable, assume)


@public
class Shrinkage(Kind):
    """A shrinkage function S: odd; it acts on Haar wavelet coefficients (eq. 2).

    Parameters
    ----------
    expr, latex, variable, assume
        As for every kind.
    tau : number, str or Symbol
        The time step to which the shrinkage function belongs (eq. 11), default 1/4.

    Examples
    --------
    >>> Shrinkage("Max(|r| - theta, 0) sgn(r)").to(Activation).expr
    Piecewise((r, Abs(r) <= sqrt(2)*theta), (sqrt(2)*theta*sign(r), True))
    """

    __slots__ = ("tau",)

    parity = Parity.ODD
    letter = "S"
    latex_letter = "S"

    tau: sp.Expr

    def __init__(
        self,
        expr: Any = None,
        *,
        latex: str | None = None,
        tau: Any = QUARTER,
        variable: sp.Symbol | str | None = None,
        assume: Iterable[Any] = (),
    ) -> None:
        self._set(tau=time_step(tau))
        super().__init__(expr, latex=latex, variable=variable, assume=assume)
        self._set(names=self.names.spelling(tau))

    def _identity(self) -> tuple[Any, ...]:
        return (*super()._identity(), Names().inward(self.tau))

    def _more(self) -> dict[str, Any]:
        return {"tau": self.tau}

    def _at_step(self, tau: sp.Expr | None, budget: float) -> Any:
        if tau is None or tau == self.tau:
            return self
        return self.to(Activation, budget=budget).to(Shrinkage, tau=tau, budget=budget)

    def _check_step(self, tau: sp.Expr | None) -> None:
        if tau is not None and tau != self.tau:
            raise NonlinearityError(f"{self} belongs to tau = {self.tau}; build it with tau={tau} instead")

    def _step_words(self) -> list[str]:
        return [] if self.tau == QUARTER else super()._step_words()

    @classmethod
    def from_knots(cls, r: Any, values: Any, *, tail: str = "linear", tau: Any = QUARTER) -> Self:
        """The spline through knots, as for every kind; it belongs to the time step `tau`.

        Examples
        --------
        >>> Shrinkage.from_knots([0, 1, 2], [0, 0, 1], tau="1/8")
        Shrinkage.from_knots([0, 1, 2], [0, 0, 1], tail='linear', tau='1/8')
        """
        return cls._from_knots(knots(r, values, tail, cls.__name__), tau=time_step(tau))

    @classmethod
    def odd_part(
        cls,
        expr: Any = None,
        *,
        latex: str | None = None,
        variable: sp.Symbol | str | None = None,
        assume: Iterable[Any] = (),
        tau: Any = QUARTER,
    ) -> Self:
        """The odd part (f(r) - f(-r))/2 of any real function; of ReLU it is r/2.

        Examples
        --------
        >>> Shrinkage.odd_part("relu(r)")
        Shrinkage('r/2')
        """
        return _part(cls, expr, latex, variable, assume, tau=tau)


@public
class Activation(Kind):
    """An activation (flux) Phi: odd; the block is u = f + tau D^- Phi(D^+ f) (eq. 8).

    Examples
    --------
    >>> Activation("tanh(x)").to(Regulariser)
    Regulariser('2*ln(cosh(x))', variable='x')
    """

    __slots__ = ()

    parity = Parity.ODD
    letter = "Phi"
    latex_letter = "\\Phi"

    @classmethod
    def odd_part(
        cls,
        expr: Any = None,
        *,
        latex: str | None = None,
        variable: sp.Symbol | str | None = None,
        assume: Iterable[Any] = (),
    ) -> Self:
        """The odd part (f(r) - f(-r))/2 of any real function; of ReLU it is r/2.

        Examples
        --------
        >>> Activation.odd_part("relu(r)")
        Activation('r/2')
        """
        return _part(cls, expr, latex, variable, assume)


KINDS: tuple[type[Kind], ...] = (Diffusivity, Regulariser, Shrinkage, Activation)
