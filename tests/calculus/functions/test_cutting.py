"""Where a formula is cut: at all zeros of its switches before some place, and what is kept beyond it."""

import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.functions.cutting import Point, cut, smooth_pieces
from symtrans.calculus.functions.half_line import Piece

s, c = sp.sin(X), sp.cos(X)
zero, oo, pi = sp.S.Zero, sp.oo, sp.pi


def test_a_wave_is_cut_where_the_interval_ends_and_kept_where_it_does_not():
    expr = sp.Abs(c) * sp.Max(1 - X / 2, 0) + sp.Max(X - 9, 0) * sp.Abs(s)
    *before, last = cut(expr, zero, oo)
    assert [part.hi for part in before if isinstance(part, Piece)] == [pi / 2, 2, 9]
    assert (last.lo, last.hi, last.expr) == (9, oo, (X - 9) * sp.Abs(s))
    assert all(isinstance(part, Piece | Point) for part in before)


def test_a_node_of_nodes_is_kept_whole():
    (piece,) = cut(sp.Max(sp.Abs(s), sp.Abs(c)), zero, oo)
    assert piece.expr == sp.Max(sp.Abs(s), sp.Abs(c))


def test_smooth_pieces_are_the_function_and_are_smooth():
    expr = sp.Max(sp.Abs(s), sp.Abs(c))
    pieces = smooth_pieces(expr, sp.Integer(1), 1 + pi)
    assert {pi / 2, 3 * pi / 4, pi, 5 * pi / 4} <= {piece.hi for piece in pieces}
    assert (pieces[0].lo, pieces[-1].hi) == (1, 1 + pi)
    for piece in pieces:
        middle = (piece.lo + piece.hi) / 2
        assert not piece.expr.has(sp.Abs, sp.Max)
        assert abs((piece.expr - expr).subs(X, middle).evalf()) < 1e-12
