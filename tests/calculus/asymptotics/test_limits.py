"""One-sided limits: exact, of the right side, and refused where they do not exist or SymPy errs."""

import contextlib

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from symtrans import Activation, Diffusivity, Evidence, NonlinearityError, certify, r
from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.asymptotics.limits import is_plain, limit
from symtrans.calculus.undecided import Undecided
from tests.calculus.fifty_digits import number

lam, a, b = sp.symbols("lambda a b", positive=True)
zero, oo, F = sp.S.Zero, sp.oo, sp.Rational


@pytest.mark.parametrize(
    ("expr", "point", "side", "expected"),
    [
        (sp.sin(X) / X, zero, "+", 1),
        ((1 - sp.cos(X)) / X, zero, "+", 0),
        (sp.log(1 + X) / X, zero, "+", 1),
        (X * sp.exp(-(X**2) / lam**2), oo, "+", 0),
        (X / sp.sqrt(1 + X**2 / lam**2), oo, "+", lam),
        (sp.exp(-lam / X**2) / X**3, zero, "+", 0),
        (1 / (X - 1), sp.S.One, "+", oo),
        (1 / (X - 1), sp.S.One, "-", -oo),
        (sp.tanh(X), oo, "+", 1),
        (sp.atan(1 / (X - 2)), sp.Integer(2), "+", sp.pi / 2),
        (sp.atan(1 / (X - 2)), sp.Integer(2), "-", -sp.pi / 2),
        (sp.exp(1 / (X - 2)), sp.Integer(2), "-", 0),
        (sp.exp(1 / (X - 2)), sp.Integer(2), "+", oo),
        (X * sp.log(X), zero, "+", 0),
        (sp.log(X) / X, zero, "+", -oo),
        (X**a, oo, "+", oo),
        (X**-a, zero, "+", oo),
        (sp.acosh(1 + X**2) - sp.log(X), oo, "+", oo),
        (X * sp.erfc(X) * sp.exp(X**2), oo, "+", 1 / sp.sqrt(sp.pi)),
        (sp.lowergamma(F(1, 3), X), oo, "+", sp.gamma(F(1, 3))),
        (sp.polylog(2, X), sp.S.One, "-", sp.pi**2 / 6),
    ],
    ids=str,
)
def test_exact(expr, point, side, expected):
    assert limit(expr, point, side) == expected


PARTS = st.sampled_from(
    [X, X**2, sp.sqrt(X), sp.exp(-X), sp.tanh(X), sp.sin(X), sp.log(1 + X), sp.atan(X), sp.erf(X), sp.cosh(X) - 1]
)
NUMBERS = st.integers(-3, 3).map(sp.Integer)


@settings(max_examples=40)
@given(st.lists(st.tuples(NUMBERS, PARTS), min_size=2, max_size=3), PARTS, st.sampled_from([1, 2]))
def test_quotients_at_zero_approach_their_limits(terms, below, power):
    """Zeros over zeros; the value at 10**-24 lies within its order of the limit."""
    expr = sp.Add(*(c * f for c, f in terms)) / below**power
    value = limit(expr, zero)
    near = number(expr, F(1, 10**24)) if X in expr.free_symbols else expr
    if value in (oo, -oo):
        assert near * (1 if value is oo else -1) > 10**5
    else:
        assert abs(near - sp.N(value, 30)) < 1e-8


@pytest.mark.parametrize(
    ("expr", "point", "wrong"),
    [
        (sp.polylog(2, -sp.exp(X)) / X**2, oo, 0),  # it is -1/2
        (sp.polylog(F(1, 2), X), sp.S.One, sp.zeta(F(1, 2))),  # it is oo
    ],
    ids=str,
)
def test_a_wrong_answer_of_sympy_is_not_believed(expr, point, wrong):
    """SymPy is not asked; what our own expansion does not reach stays open."""
    assert sp.limit(expr, X, point, "-") == wrong or point == 1
    with contextlib.suppress(Undecided):
        assert limit(expr, point, "-") == -F(1, 2)


def test_a_hidden_zero_below_is_seen():
    root = (1 + sp.sqrt(5)) / 2
    with pytest.raises(NonlinearityError, match="infinite there"):
        Diffusivity(1 / (r**2 - sp.Abs(r) - 1))
    assert limit(1 / (X**2 - X - 1), root, "+") is oo
    assert limit(1 / (X**2 - X - 1), root, "-") is -oo


def test_numbers_beyond_all_size_stop_nothing():
    """The check of a limit by numbers took exp(exp(10**6)) to many digits, in code that no budget stops."""
    slope = certify(Activation("r exp(1 - exp(r^2))")).slope_max
    assert slope.evidence is Evidence.PROVED
    assert slope.value == 1


@pytest.mark.parametrize(
    "expr",
    [sp.sin(1 / X), sp.cos(1 / X) / X, X ** (a - 1), sp.exp((a - b) / X), 1 / (a - b + X), sp.log(a - b + X)],
    ids=str,
)
def test_what_does_not_exist_or_depends_on_parameters_is_said(expr):
    with pytest.raises(Undecided):
        limit(expr, zero)


def test_ordinary_numbers():
    assert all(map(is_plain, (sp.pi, a, -a / 2, sp.sqrt(2))))
    strange = (sp.nan, sp.zoo, oo, sp.I, sp.sqrt(-2), oo + a, sp.log(-1))
    assert not any(map(is_plain, strange))
    assert not is_plain(1 / ((sp.sqrt(5) - 1) ** 2 - 6 + 2 * sp.sqrt(5)))
    with pytest.raises(Undecided):
        is_plain(1 / (sp.erf(1) + sp.erfc(1) - 1))


def test_beside_a_switch_whose_frequency_is_a_parameter():
    a, b = sp.symbols("a b", positive=True)
    assert limit(sp.Abs(sp.sin(a * X)) / X, sp.S.Zero) == a
    assert limit(sp.Max(0, -sp.sin(a * X)) / X, sp.S.Zero) == 0
    assert limit(sp.sign(sp.cos(a * X) - 1), sp.S.Zero) == -1
    assert limit(sp.Abs(sp.cos(a * X)) / (sp.pi / (2 * a) - X), sp.pi / (2 * a), "-") == a
    with pytest.raises(Undecided, match=r"a - b|b - a"):
        limit(sp.Abs(sp.tanh(a * X) - sp.sin(b * X)) / X, sp.S.Zero)
