"""The four kinds of nonlinearity: Diffusivity, Regulariser, Shrinkage, Activation.

Each is a frozen value around one SymPy expression of one real variable, which
has passed the door and been cut into smooth pieces on r >= 0. Everything else
builds on those pieces.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, TypeVar

import sympy as sp

from symtrans.calculus.algebra import X
from symtrans.calculus.budget import DEFAULT_BUDGET, OutOfTime, time_limit
from symtrans.calculus.cache import Cache
from symtrans.calculus.cases import Region, assumed, by_cases
from symtrans.calculus.comparisons import vanishes
from symtrans.calculus.confined import confined
from symtrans.calculus.derivatives import differentiate
from symtrans.calculus.limits import limit
from symtrans.calculus.pieces import HalfLine, Parity, Piece
from symtrans.calculus.tidy import spread, tidy
from symtrans.calculus.undecided import Undecided
from symtrans.calculus.writing import expression
from symtrans.door import Unsettled, cut, read, refuse_condition, relations, text_or_latex
from symtrans.errors import NonlinearityError
from symtrans.formulas import plain
from symtrans.names import QUARTER, Names, array_of, bind_parameters, by_name, r, resolve_values, short, time_step

_Assumptions = tuple[sp.Basic, ...]

AnyKind = TypeVar("AnyKind", bound="Kind")


@dataclass(frozen=True, init=False, eq=False, repr=False)
class Kind:
    """A nonlinearity of one real variable. Use one of the four kinds below.

    Parameters
    ----------
    expr : str or sympy expression or number
        Text is read by `symtrans.parsing` and never evaluated. Decimals are
        made exact fractions (0.1 is 1/10). Free symbols without assumptions
        are positive parameters.
    latex : str, optional
        The formula in LaTeX instead, read within the same limits; a head such
        as ``g(r) =`` and dollar signs may stay.
    variable : Symbol or str, optional
        The variable, where it is not called ``r`` and there is more than one
        candidate.
    assume : list of inequalities, optional
        What holds of the parameters besides being positive, as in ``[a < b]`` or
        ``["a < b", "1/2 < p <= 1"]``. Where the order of the breaks depends on it and
        it is not given, the value can be printed and no more: all else asks for it.

    Raises
    ------
    ParseError
        If text is not a formula.
    NonlinearityError
        If the function is not real and finite everywhere, or has the wrong parity.

    Examples
    --------
    >>> g = Diffusivity("1/(1 + r^2/lambda^2)")
    >>> g.parameters, g.to(Activation), float(g(2.0, lam=1.0))
    ((lambda,), Activation('r/(1 + r^2/lambda^2)'), 0.2)
    """

    parity: ClassVar[Parity]
    letter: ClassVar[str]
    latex_letter: ClassVar[str]

    inner: sp.Expr
    half: HalfLine = field(compare=False)
    names: Names = field(compare=False)
    assumptions: tuple[sp.Basic, ...] = ()
    """Inequalities between inner symbols under which everything holds."""

    def __init__(
        self,
        expr: Any = None,
        *,
        latex: str | None = None,
        variable: sp.Symbol | str | None = None,
        assume: Iterable[Any] = (),
    ) -> None:
        self._enter(text_or_latex(expr, latex, type(self).__name__), variable, assume)

    def _enter(self, expr: Any, variable: sp.Symbol | str | None, assume: Iterable[Any]) -> None:
        assume = (assume,) if isinstance(assume, str | sp.Basic) else tuple(assume)
        key = (type(self), type(expr), expr, type(variable), variable, assume)
        try:
            hash(key)
        except TypeError:  # a list, say: refused below with its own words
            admitted = self._admit(expr, variable, assume)
        else:
            admitted = _admitted.get(key, DEFAULT_BUDGET, lambda: self._admit(expr, variable, assume))
        inner, half, names, assumptions = admitted
        object.__setattr__(self, "assumptions", assumptions)
        self._set(inner, half, names)

    def _admit(self, expr: Any, variable: sp.Symbol | str | None, assume: tuple[Any, ...]) -> "_Admitted":
        """The expression as it is computed with, after every check; in place of pieces, what keeps it from them."""
        assumptions: tuple[sp.Basic, ...] = ()
        try:
            with time_limit(DEFAULT_BUDGET):
                inner, names = read(expr, variable, type(self).__name__)
                assumptions = relations(assume, names, type(self).__name__.lower())
                try:
                    half = cut(inner, names, type(self).__name__, self.parity, assumptions)
                except Unsettled as question:
                    return inner, question, names, assumptions
                self._check(half, names, assumptions)
                if inner.has(sp.Piecewise, sp.Max, sp.Min, sp.Heaviside):
                    inner = expression(half, r)  # cases in ascending |r|, however they were written
        except OutOfTime:
            raise NonlinearityError(
                f"{type(self).__name__}({short(expr)}) could not be checked within {DEFAULT_BUDGET:g} s"
            ) from None
        except Undecided as question:
            raise NonlinearityError(f"{type(self).__name__}({short(expr)}) cannot be checked: {question}") from None
        except RecursionError:
            raise NonlinearityError(f"the {type(self).__name__.lower()} is nested too deeply to be read") from None
        return inner, half, names, assumptions

    def _set(self, inner: sp.Expr, half: HalfLine | Unsettled, names: Names) -> None:
        object.__setattr__(self, "inner", inner)
        object.__setattr__(self, "_question" if isinstance(half, Unsettled) else "half", half)
        object.__setattr__(self, "names", names)

    def __getattr__(self, name: str) -> Any:
        if name == "half" and "_question" in self.__dict__:  # the pieces of an unsettled formula
            raise NonlinearityError(str(self.__dict__["_question"]))
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    @classmethod
    def _derived(cls, half: HalfLine, names: Names, **more: Any) -> Self:
        """A kind from pieces that are right by construction; only its own checks are made."""
        new = object.__new__(cls)
        new._check(half, names, more.get("assumptions", ()))
        new._set(expression(half, r), half, names)
        for name, value in more.items():
            object.__setattr__(new, name, value)
        return new

    @classmethod
    def _check(cls, half: HalfLine, names: Names, assumptions: _Assumptions) -> None:
        """What this kind asks beyond parity and totality."""
        shown = f"{cls.__name__}({names.outward(expression(half, r))})"
        _refuse_infinite(half, assumptions, f"{shown} is unbounded at {names.variable} = 0")

    # -- the value ------------------------------------------------------------

    @property
    def expr(self) -> sp.Expr:
        """The SymPy expression, valid for all real values of the variable, in the user's symbols."""
        return self.names.outward(self.inner)

    @property
    def variable(self) -> sp.Symbol:
        """The variable, `symtrans.r` unless the user brought another."""
        return self.names.variable

    @property
    def parameters(self) -> tuple[sp.Symbol, ...]:
        """The parameters, sorted by name."""
        return tuple(sorted(self.expr.free_symbols - {self.variable}, key=by_name))

    def _identity(self) -> tuple[Any, ...]:
        return (type(self), self.inner, self.names.variable.name, self.assumptions)

    def __eq__(self, other: object) -> bool:
        return self._identity() == other._identity() if isinstance(other, Kind) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._identity())

    @property
    def key(self) -> Hashable:
        """All that distinguishes it, the user's own symbols and the printed form included."""
        return (*self._identity(), self.half, self.names, self.assumptions)

    def _more(self) -> dict[str, Any]:
        """Arguments of the constructor beyond the expression."""
        return {}

    def __repr__(self) -> str:
        words = [repr(plain(self.expr, self.variable))]
        words += [f"{key}={plain(value)!r}" for key, value in self._more().items()]
        return f"{type(self).__name__}({', '.join(words + self._context())})"

    def _context(self) -> list[str]:
        """The arguments of the constructor that say how the formula is meant."""
        words = [f"variable={self.variable.name!r}"] if self.variable.name != "r" else []
        if self.assumptions:
            words.append(f"assume={[str(self.names.outward(relation)) for relation in self.assumptions]!r}")
        return words

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), self.expr, self.variable, self.assumed, self._more())

    @property
    def assumed(self) -> tuple[sp.Basic, ...]:
        """What is assumed of the parameters, in the user's symbols."""
        return tuple(self.names.outward(relation) for relation in self.assumptions)

    def _repr_latex_(self) -> str:
        # The writers stand above this room; they are asked only when a notebook asks.
        from symtrans.present.latex import formula_latex

        return f"$\\displaystyle {formula_latex(self)}$"

    # -- operations -----------------------------------------------------------

    def subs(self, values: Mapping[sp.Symbol | str, Any]) -> Self:
        """Give parameters values; keys are symbols or keyword names.

        Examples
        --------
        >>> Diffusivity("exp(-r^2/(2 lambda^2))").subs({"lam": 2})
        Diffusivity('exp(-r^2/8)')
        """
        beyond = (symbol for value in self._more().values() for symbol in value.free_symbols)
        mapping = resolve_values({*self.parameters, *beyond}, values)
        expr = self.expr.subs(mapping, simultaneous=True)
        more = {k: v.subs(mapping, simultaneous=True) for k, v in self._more().items()}
        assume = [relation.subs(mapping, simultaneous=True) for relation in self.assumed]
        for relation, before in zip(assume, self.assumed, strict=True):
            if relation is sp.false:
                raise NonlinearityError(f"these values contradict the assumption {before}")
        return type(self)(expr, variable=self.variable, assume=[a for a in assume if a is not sp.true], **more)

    def assuming(self, *relations: Any) -> Self:
        """The same nonlinearity under more assumptions on its parameters.

        Examples
        --------
        >>> hat = Activation("Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (0, otherwise))")
        >>> hat.assuming("a < b").to(Diffusivity).assumptions
        (a < b,)
        """
        assume = [*self.assumed, *relations]
        return type(self)(self.expr, variable=self.variable, assume=assume, **self._more())

    def __call__(self, values: Any, /, **parameters: float) -> Any:
        """Evaluate on an array (any shape); parameters by keyword, lambda as ``lam``.

        Parameters
        ----------
        values : array_like of float
        **parameters : float
            One positive number for each of `parameters`.

        Returns
        -------
        ndarray
            Same shape; float32 stays float32.

        Examples
        --------
        >>> Shrinkage("Max(|r| - theta, 0) sgn(r)")([-3.0, 0.5, 2.0], theta=1.0)
        array([-2.,  0.,  1.])
        """
        from symtrans.calculus.arrays import array_function  # loads NumPy

        array = array_of(values, type(self).__name__)
        if array.dtype.kind not in "fiub":
            raise NonlinearityError(f"{type(self).__name__} takes real numbers, not an array of {array.dtype}")
        if array.dtype.kind != "f":
            array = array.astype(float)
        numbers = self.bind(parameters)
        result = array_function(self.half)(array.reshape(array.shape or (1,)), numbers)
        return result.reshape(array.shape) if array.shape else result[0]

    def bind(self, parameters: Mapping[str, Any]) -> dict[sp.Symbol, float]:
        """Check keyword parameters and return them by inner symbol."""
        numbers = bind_parameters(self.half.parameters, parameters)
        refuse_contradiction(numbers, self.assumptions, self.names)
        return numbers

    def to(self, kind: type[AnyKind], *, tau: Any = None) -> AnyKind:
        """Translate by Table 1; `tau` belongs to a shrinkage (default 1/4).

        Examples
        --------
        >>> Diffusivity("1/(1 + r^2)").to(Activation)
        Activation('r/(1 + r^2)')
        """
        from symtrans.dictionary import convert  # the dictionary stands above the kinds

        return convert(self, kind, tau)

    def spread(self) -> Self:
        """The same function with products multiplied out: a sum of terms on each piece."""
        pieces = tuple(Piece(p.lo, p.hi, spread(p.expr)) for p in self.half.pieces)
        half = HalfLine(self.half.parity, self.half.origin, pieces, self.half.values, self.half.doubts)
        return type(self)._derived(half, self.names, assumptions=self.assumptions, **self._more())


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

    parity = Parity.EVEN
    letter = "g"
    latex_letter = "g"

    @classmethod
    def _check(cls, half: HalfLine, names: Names, assumptions: _Assumptions) -> None:
        shown = f"Diffusivity({names.outward(half.pieces[0].expr.xreplace({X: sp.Abs(r)}))})"
        flux = half.map(lambda g, x: g * x, Parity.ODD)
        _refuse_infinite(
            flux,
            assumptions,
            f"{shown} is unbounded at {names.variable} = 0: even the flux {names.variable}*g({names.variable}) is. "
            "Truncate it near 0, as in the truncated BFB diffusivity.",
        )


class Regulariser(Kind):
    """A regulariser Psi: even, continuous, Psi(0) = 0; it penalises u_x (eq. 14).

    Examples
    --------
    >>> Regulariser("2 lambda^2 (sqrt(1 + r^2/lambda^2) - 1)").to(Diffusivity)
    Diffusivity('1/sqrt(1 + r^2/lambda^2)')
    """

    parity = Parity.EVEN
    letter = "Psi"
    latex_letter = "\\Psi"

    @classmethod
    def _check(cls, half: HalfLine, names: Names, assumptions: _Assumptions) -> None:
        super()._check(half, names, assumptions)
        for piece in half.pieces:
            # Cases in a parameter are those of the integral only (p = 1 makes a logarithm); the flux has none.
            if piece.expr.has(sp.Piecewise) and tidy(differentiate(piece.expr, X)).has(sp.Piecewise):
                condition = next(iter(piece.expr.atoms(sp.Piecewise))).args[0].cond
                refuse_condition(f"Regulariser({names.outward(expression(half, r))})", condition, names.variable)
        if not vanishes(half.origin):
            value = names.outward(half.origin)
            shown = names.outward(expression(half, r))
            raise NonlinearityError(
                f"Regulariser({shown}) is {value} at {names.variable} = 0, and a regulariser is 0 there. "
                f"Subtract it: Regulariser({shown} - ({value}))"
            )
        at_zero = [value for _, value in _limits_at_zero(half, assumptions)]
        for place, value, *sides in [(sp.S.Zero, half.origin, *at_zero)] + [
            (b, half.values[k], half.before(k), half.after(k)) for k, b in enumerate(half.breaks)
        ]:
            if any(side in (sp.oo, -sp.oo) or not vanishes(side - value) for side in sides):
                raise NonlinearityError(
                    f"Regulariser({names.outward(expression(half, r))}) jumps at |{names.variable}| = "
                    f"{names.outward(place)}: its derivative is a measure, not an activation. Make it continuous."
                )


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
        object.__setattr__(self, "tau", time_step(tau))
        self._enter(text_or_latex(expr, latex, type(self).__name__), variable, assume)

    def _identity(self) -> tuple[Any, ...]:
        return (*super()._identity(), Names().inward(self.tau))

    def _more(self) -> dict[str, Any]:
        return {"tau": self.tau}

    def __repr__(self) -> str:
        if self.tau != QUARTER:
            return super().__repr__()
        return f"Shrinkage({', '.join([repr(plain(self.expr, self.variable)), *self._context()])})"


class Activation(Kind):
    """An activation (flux) Phi: odd; the block is u = f + tau D^- Phi(D^+ f) (eq. 8).

    Examples
    --------
    >>> Activation("tanh(x)").to(Regulariser)
    Regulariser('2*ln(cosh(x))', variable='x')
    """

    parity = Parity.ODD
    letter = "Phi"
    latex_letter = "\\Phi"


def refuse_contradiction(numbers: Mapping[sp.Symbol, float], assumptions: Iterable[sp.Basic], names: Names) -> None:
    """Refuse numbers for inner symbols that contradict an assumption."""
    for relation in assumptions:
        if relation.subs(numbers) is sp.false:
            raise NonlinearityError(f"these values contradict the assumption {names.outward(relation)}")


_Admitted = tuple[sp.Expr, HalfLine | Unsettled, Names, tuple[sp.Basic, ...]]
_admitted: Cache[_Admitted] = Cache(512)

KINDS: tuple[type[Kind], ...] = (Diffusivity, Regulariser, Shrinkage, Activation)


def _rebuild(
    kind: type[Kind], expr: sp.Expr, variable: sp.Symbol, assume: tuple[sp.Basic, ...], more: dict[str, Any]
) -> Kind:
    return kind(expr, variable=variable, assume=assume, **more)


def _limits_at_zero(half: HalfLine, assumptions: _Assumptions) -> list[tuple[Region, sp.Expr]]:
    """The limit at 0+ by cases of the parameters."""
    return [
        pair
        for part in assumed(assumptions)
        for pair in by_cases(lambda region: limit(confined(half, region).pieces[0].expr, sp.S.Zero), 2, part)
    ]


def _refuse_infinite(half: HalfLine, assumptions: _Assumptions, message: str) -> None:
    """Refuse what is infinite at 0 for all values of the parameters; for some of them it is a jump there."""
    try:
        limits = [value for _, value in _limits_at_zero(half, assumptions)]
    except Undecided:
        return
    if all(value in (sp.oo, -sp.oo) for value in limits):
        raise NonlinearityError(message)
