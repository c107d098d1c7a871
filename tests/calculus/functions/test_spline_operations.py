"""Splines: closed under the operations of Table 1, and the same as half lines of formulas."""

import pytest
import sympy as sp
from flint import fmpq

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.half_line import HalfLine, Parity
from symtrans.calculus.functions.splines import Spline, as_spline, interpolant, split_root


def test_a_change_that_leaves_the_splines_is_made_piece_by_piece() -> None:
    clip = interpolant(Parity.ODD, [fmpq(0), fmpq(1)], [fmpq(0), fmpq(1)], is_constant_beyond=True)
    assert clip is not None
    for change in (lambda v, x: v**2, lambda v, x: v + sp.sqrt(2) * x, lambda v, x: sp.exp(-x) * v):
        found = clip.map(change, Parity.EVEN, sp.S.Zero)
        assert not isinstance(found, Spline)
        assert found.pieces[0].expr == sp.simplify(change(X, X))
    tail = clip.map(lambda v, x: v / x, Parity.EVEN).map(lambda v, x: v / x, Parity.EVEN)
    assert tail.origin is sp.oo
    assert clip.map(lambda v, x: v / x**2, Parity.ODD).integral() is None  # a logarithm


def test_without_breaks_it_is_a_half_line() -> None:
    line = interpolant(Parity.ODD, [fmpq(0), fmpq(1), fmpq(3)], [fmpq(0), fmpq(2), fmpq(6)], is_constant_beyond=False)
    assert line is not None
    assert line.breaks == ()
    assert type(as_spline(line)) is HalfLine
    assert as_spline(line).pieces[0].expr == 2 * X
    assert interpolant(Parity.ODD, [fmpq(0), fmpq(1)], [fmpq(1), fmpq(1)], is_constant_beyond=True) is None


@pytest.mark.parametrize(
    ("number", "wanted"),
    [
        (sp.Rational(-3, 4), (fmpq(-3, 4), 1)),
        (3 / sp.sqrt(2), (fmpq(3, 2), sp.sqrt(2))),
        (-sp.sqrt(12), (fmpq(-2), sp.sqrt(3))),
        (sp.sqrt(2) + 1, None),
        (sp.pi, None),
        (sp.Symbol("a"), None),
        (sp.cbrt(2), None),
    ],
)
def test_numbers_that_are_a_rational_times_a_root(number: sp.Expr, wanted: object) -> None:
    assert split_root(number) == wanted
