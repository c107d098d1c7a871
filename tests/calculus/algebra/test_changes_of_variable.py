"""A power by a parameter, or a logarithm, as the variable: the same function, and no other one."""

import mpmath
import pytest
import sympy as sp

from symtrans.calculus.algebra.canonical import X
from symtrans.calculus.algebra.changes_of_variable import ByLogarithm, by_power, in_old_variable
from symtrans.calculus.undecided import Undecided

p, q, a = sp.symbols("p q a", positive=True)


@pytest.mark.parametrize(
    "expr",
    [
        (1 - sp.exp(-(X**p))) / X,
        X ** (p - 2) * sp.exp(-a * X**p) * (p - 1 - p * X**p),
        sp.log(1 + X ** (1 + p)) * X ** (-p) + sp.atan(X ** (2 * p + 2)) * X ** (-p),
        (X + X ** (p + 1)) ** q * sp.tanh(X ** (p / 2)),
        1 / (1 + X ** (1 / (1 + q))),
    ],
)
def test_it_is_the_same_function(expr):
    unit, changed = by_power(expr)
    assert unit.is_positive
    inner = changed / sp.Mul(*(factor for factor in sp.Mul.make_args(changed) if factor.as_base_exp()[0] == X))
    assert not any(power.base == X and power.exp.free_symbols for power in inner.atoms(sp.Pow))
    at = {p: sp.Rational(7, 3), q: sp.Rational(4, 5), a: sp.Rational(3, 2)}
    before, after = (sp.lambdify(X, one.subs(at), "mpmath") for one in (expr, changed))
    with mpmath.workdps(50):
        power = mpmath.mpf(unit.subs(at).p) / unit.subs(at).q
        for place in map(mpmath.mpf, ("0.01", "0.7", "1.9", "23")):
            assert abs(after(place**power) - before(place)) <= mpmath.mpf("1e-40") * abs(before(place))


@pytest.mark.parametrize(
    "expr",
    [
        X**p * sp.exp(-X),  # as a factor alone
        X**p + sp.exp(-(X**q)),  # two powers
        sp.exp(-(X**p)) + X,  # not homogeneous: in y = x it has the degrees 0 and 1
        sp.exp(-X * X**p) + sp.exp(-(X**p)),  # y within an exponential
        sp.exp(-(X ** (p - q))),  # of unknown direction
        sp.exp(-X) / (1 + X**2),
        X ** (2 * p - 1) - X ** (p - 1),  # no exponent is known to be positive
    ],
)
def test_what_is_no_function_of_one_power_stays_as_it_is(expr):
    assert by_power(expr) is None


def test_an_open_question_is_one_of_the_old_variable():
    with pytest.raises(Undecided) as caught, in_old_variable(X**p):
        raise Undecided("the sign of ", sp.exp(X) - a, " is open", open=a - 1)
    assert caught.value.sentence == ("the sign of ", sp.exp(X**p) - a, " is open")
    assert caught.value.open == a - 1


@pytest.mark.parametrize(
    "expr",
    [
        sp.cos(sp.log(1 + X**2)),
        sp.exp(-(sp.log(1 + X) ** 2)) * (1 - 2 * X * sp.log(1 + X) / (1 + X)),
        sp.atan(X) * sp.sin(sp.log(1 + X**3 / 5) ** 2),
    ],
)
def test_a_logarithm_as_the_variable(expr):
    found = ByLogarithm.of(expr)
    assert not found.function.has(sp.log)
    before, after, logarithm = (sp.lambdify(X, one, "mpmath") for one in (expr, found.function, found.logarithm))
    with mpmath.workdps(50):
        for place in map(mpmath.mpf, ("0.01", "0.7", "1.9", "23")):
            assert abs(after(logarithm(place)) - before(place)) < mpmath.mpf("1e-40")
    there = found.place(sp.Rational(3, 2))
    assert abs(sp.N(found.logarithm.subs(X, there) - sp.Rational(3, 2), 30)) < 1e-25


@pytest.mark.parametrize(
    "expr",
    [
        sp.log(2 + X),  # not 0 at 0
        sp.log(1 + X + X**2),
        sp.log(1 - X),  # it falls
        sp.log(1 + X) + sp.log(2 + X),
        sp.log(1 + 1 / X),
        sp.cos(X),
    ],
)
def test_other_logarithms_are_no_variable(expr):
    assert ByLogarithm.of(expr) is None
