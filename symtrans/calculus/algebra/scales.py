"""Parameters that are scales only: the nondimensional form of an expression."""

from collections.abc import Iterator

import sympy as sp

from symtrans.calculus.algebra.canonical import X, example_values
from symtrans.calculus.algebra.simplification import simplified
from symtrans.calculus.enclosures.balls import enclose_at
from symtrans.calculus.undecided import decided
from symtrans.runtime.caches import remembered


@remembered(2048)
def nondimensional(expr: sp.Expr) -> tuple[sp.Expr, sp.Expr, sp.Expr]:
    """(s, c, F) with expr(x) = c F(x/s) and as few parameters in F as one scale can leave.

    Examples
    --------
    >>> lam = sp.Symbol("lambda", positive=True)
    >>> nondimensional(X / (1 + X**2/lam**2))
    (lambda, lambda, _x/(_x**2 + 1))
    """
    for parameter, scale in scales(expr.free_symbols - {X}):
        if not may_scale(expr, parameter, scale):
            continue
        put_in = expr.subs(X, scale * X)
        factor, scaled = put_in.as_independent(X, as_Add=False)
        if parameter in scaled.free_symbols:
            put_in = sp.expand_power_base(put_in)
            factor, scaled = put_in.as_independent(X, as_Add=False)
        if parameter in scaled.free_symbols:
            factor, scaled = simplified(put_in).as_independent(X, as_Add=False)
        if parameter not in scaled.free_symbols:
            inner, more, rest = nondimensional(scaled)
            return scale * inner, factor * more, rest
    return sp.S.One, sp.S.One, expr


def scales(parameters: frozenset[sp.Symbol]) -> Iterator[tuple[sp.Symbol, sp.Expr]]:
    """Each positive parameter with the powers of it that may be a length."""
    for parameter in sorted(parameters, key=lambda s: s.name):
        if parameter.is_positive:
            for scale in (parameter, 1 / parameter, sp.sqrt(parameter), parameter ** sp.Rational(1, 4)):
                yield parameter, scale


def may_scale(expr: sp.Expr, parameter: sp.Symbol, scale: sp.Expr) -> bool:
    """Whether balls at two places allow that the parameter is a scale: quicker than to try it in algebra."""
    point = example_values(expr.free_symbols - {X, parameter})
    ratios = []
    for place in (sp.Rational(3, 7), sp.Rational(11, 5)):
        scaled = ({parameter: n, X: place * scale.xreplace({parameter: n})} for n in (sp.Integer(2), sp.Integer(3)))
        one, other = (decided(enclose_at, expr, point | at) for at in scaled)
        if one is None or other is None:
            return True
        ratios.append(one / other)
    return not all(ratio.is_finite() for ratio in ratios) or bool(ratios[0].overlaps(ratios[1]))


def lengths(expr: sp.Expr) -> list[sp.Expr]:
    """What is a length if x is one: powers of positive parameters; none if terms of a sum have other dimensions.

    Examples
    --------
    >>> a, b = sp.symbols("a b", positive=True)
    >>> lengths(X * (1 - b * X**2) / (1 + X**4 / a**4)), lengths(sp.tanh(X / a) + b * X)
    ([a, 1/sqrt(b)], [a, 1/b])
    >>> lengths(X ** (b - 1) * sp.exp(-((X / a) ** b)) * sp.log(X)), lengths(X / (1 + X + X**2))
    ([a], [])
    """
    parameters = sorted((s for s in expr.free_symbols if s.is_positive and s != X), key=lambda s: s.name)
    unknown = {parameter: sp.Dummy() for parameter in parameters}
    equations: list[sp.Expr] = []
    _dimension(expr, {X: sp.S.One, **unknown}, equations)
    for solution in sp.linsolve(equations, *unknown.values()) if unknown and equations else ():
        known = zip(parameters, solution, strict=True)
        return [parameter ** (1 / weight) for parameter, weight in known if weight.is_Rational and weight != 0]
    return []


def _dimension(expr: sp.Expr, weights: dict[sp.Symbol, sp.Expr], equations: list[sp.Expr]) -> sp.Expr:
    """The power of a length that it is; what must be 0 for that is added to the equations."""
    if expr.is_Symbol:
        return weights.get(expr, sp.S.Zero)
    if expr.is_Mul:
        return sp.Add(*(_dimension(factor, weights, equations) for factor in expr.args))
    if expr.is_Pow and not isinstance(expr, sp.exp):
        equations.append(_dimension(expr.exp, weights, equations))
        return expr.exp * _dimension(expr.base, weights, equations)
    parts = [_dimension(part, weights, equations) for part in expr.args]
    if isinstance(expr, sp.Add | sp.Max | sp.Min):
        equations.extend(part - parts[0] for part in parts[1:])
        return parts[0]
    if isinstance(expr, sp.Abs):
        return parts[0]
    if not isinstance(expr, sp.log):  # of another unit it is another constant more
        equations.extend(parts)
    return sp.S.Zero
