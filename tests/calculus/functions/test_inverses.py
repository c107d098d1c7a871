"""Inverses: every branch of F(u) = f, right on the whole of its segment."""

import mpmath
import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.half_line import HalfLine, Parity, Piece
from symtrans.calculus.functions.inverses import branches, undone

a = sp.Symbol("a", positive=True)
zero, oo = sp.S.Zero, sp.oo
FUNCTIONS = [
    X + a, 3 * X, X**2, X**3 + 1, sp.exp(-X) - 1, sp.log(X), X - 1 / X, X**2 - 2 * X, X + X / (1 + X),
    X / sp.sqrt(1 + X**2),
    X - 2 * sp.sqrt(X), sp.atan(X - 1), sp.cosh(X) - 2, X + sp.exp(-X), X * sp.exp(X), X + 1 / X, sp.sqrt(X) - X,
    1 / X**2 - X**2,
    sp.tanh(X / a), X + a / X, X + a * X / sp.sqrt(1 + X**2), -X / (1 + X**2), sp.erf(X), X ** (1 + a), X**4 + X**2,
]  # fmt: skip


def of(expr, lo=zero, hi=oo):
    return HalfLine(Parity.ODD, zero, (Piece(lo, hi, expr),), ()) if lo == 0 else None


@pytest.mark.parametrize("expr", FUNCTIONS, ids=str)
def test_each_solution_gives_back_its_segment(expr):
    found = branches(of(expr), 20)
    assert found
    assert (found[0].lo, found[-1].hi) == (0, oo)
    values = {a: sp.Rational(7, 4)}
    with mpmath.workdps(60):
        function = sp.lambdify(X, expr.subs(values), "mpmath")
        for branch in found:
            lo = mpmath.mpf(str(sp.N(branch.lo.subs(values), 50)))
            hi = lo + 9 if branch.hi is oo else mpmath.mpf(str(sp.N(branch.hi.subs(values), 50)))
            places = [lo + (hi - lo) * mpmath.mpf(k) / 23 for k in range(1, 23)]
            images = [function(u) for u in places]
            rising = branch.start is -oo or branch.end is oo or (branch.end - branch.start).subs(values) > 0
            assert images == sorted(images, reverse=not rising)
            if branch.solution is not None:
                solution = sp.lambdify(X, branch.solution.subs(values), "mpmath")
                assert all(abs(solution(f) - u) < mpmath.mpf(10) ** -15 for f, u in zip(images, places, strict=True))


def test_common_inverses_are_found():
    for expr in (X**2, X + a, sp.exp(X), X / sp.sqrt(1 + X**2), X + a / X, X * sp.exp(X), X**2 - 2 * X):
        assert all(branch.solution is not None for branch in branches(of(expr), 20))


def test_a_constant_segment_has_no_inverse():
    function = HalfLine(Parity.ODD, zero, (Piece(zero, a, X), Piece(a, 2 * a, a), Piece(2 * a, oo, X - a)), (a, a))
    assert [(b.lo, b.hi) for b in branches(function, 5)] == [(0, a), (2 * a, oo)]


def test_the_arctangent_of_a_tangent_is_undone_on_its_branch_only():
    call = sp.atan(sp.tan(X / 3))
    assert undone(X + call, zero, sp.Integer(4)) == 4 * X / 3
    assert undone(X + call, zero, sp.Integer(6)) == X + call
