"""Orders of smoothness: the first derivative that does not exist or jumps."""

import pytest
import sympy as sp

from symtrans import Activation, certify, r
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.smoothness import smoothness_of
from symtrans.calculus.functions.splitting import half_line
from symtrans.calculus.undecided import Undecided

A, s = sp.Abs(r), sp.sign(r)
q, a = sp.symbols("q a", positive=True)


@pytest.mark.parametrize(
    ("flux", "order"),
    [
        (r, sp.oo),
        (r**3 * sp.exp(-(r**2)), sp.oo),
        (r / sp.sqrt(1 + r**2), sp.oo),
        (r * A, 1),
        (r * A**3, 3),
        (r**2 * r * A**4, sp.oo),
        (s * A ** sp.Rational(1, 2), 0),
        (s * A ** sp.Rational(5, 2), 2),
        (s * sp.Min(A, 1), 0),
        (sp.Piecewise((r, A <= 1), (s * (A**2 + 1) / 2, True)), 1),
        (sp.Piecewise((r, A <= 1), (r + s * (A - 1) ** 3, True)), 2),
        (r / (1 + A), 1),
        (s * sp.exp(-1 / A) + r, sp.oo),
        (s * sp.log(1 + A), 1),
        (r**3 / (sp.exp(r**2) - 1), sp.oo),  # removable singularities
        (r * A / sp.sinh(A), sp.oo),
        ((1 - sp.cos(r)) / r, sp.oo),
        (sp.LambertW(r**2) / r, sp.oo),
        (1 / r - 1 / sp.sinh(r), sp.oo),
        (s * A**2 / (sp.exp(A) - 1), 1),  # x - x^2/2 + ...
        (s * A**4 / (sp.exp(A**2) - 1), 1),  # analytic, and not odd
        (r * sp.Piecewise((sp.exp(-1 / (1 - r**2)), A < 1), (0, True)) + sp.Min(A, 3) * s, 0),
    ],
    ids=str,
)
def test_the_order_is_that_of_the_first_jump(flux, order):
    assert smoothness_of(half_line(flux, r, Parity.ODD)) == order


def test_a_power_in_the_parameters_is_a_ceiling():
    order = smoothness_of(half_line(s * A**q, r, Parity.ODD))
    assert [order.subs(q, n) for n in (1, 3, sp.Rational(1, 2), 2, sp.Rational(5, 2), 4)] == [sp.oo, sp.oo, 0, 1, 2, 3]


@pytest.mark.parametrize(
    ("flux", "values"),
    [
        (r / (1 + A**q), ("1/2", 1, 2, 3, 4)),
        (s * A**q / (1 + A**q), ("1/2", 1, 2, 3)),  # exponents q, 2 q, ...
        (s * (1 - sp.exp(-(A ** (q + 1)))), ("1/2", 1, 2)),
        (s * A ** (2 * q) * sp.cos(A**q), ("1/2", 1, 2)),  # no term of order 3 q
        (r * sp.exp(-(A**q)) / (1 + a * A ** (2 * q)), ("1/2", 1, 2)),
        (r * A**q * sp.exp(-A), ("1/2", 1, 2, 3)),  # exponents q + 1, q + 2, ...
        (s * A**q * sp.exp(-(r**2)), ("1/2", 1, 2, 3)),  # q, q + 2, ...
        (s * A**q * sp.sin(A), ("1/2", 1, 2, 3)),
        (s * A**q * (sp.cosh(A) - A), ("1/2", 1, 2)),  # q, q + 1, q + 2, q + 4
    ],
    ids=str,
)
def test_a_series_in_a_power_by_a_parameter(flux, values):
    """The formula for all q gives what is found for each q by itself."""
    try:
        order = sp.sympify(smoothness_of(half_line(flux, r, Parity.ODD)))
    except Undecided:
        assert flux.has(sp.cos, sp.sin)
        return
    for value in map(sp.Rational, values):
        assert order.subs(q, value) == smoothness_of(half_line(flux.subs(q, value), r, Parity.ODD))


@pytest.mark.parametrize(
    "flux",
    [
        sp.Piecewise((0, a >= A), (r * sp.exp(-a / (A - a)), True)),
        sp.Piecewise((r, a >= A), (r - s * sp.exp(-1 / (A - a) ** 2), True)),
        sp.Piecewise((s * sp.exp(-1 / A), A <= 1), (s * sp.exp(-1 / A) * (1 - sp.exp(-1 / (A - 1))), True)),
    ],
    ids=str,
)
def test_a_joint_at_which_all_derivatives_agree_is_smooth(flux):
    assert smoothness_of(half_line(flux, r, Parity.ODD)) is sp.oo


@pytest.mark.parametrize(
    ("flux", "order"),
    [
        (sp.Piecewise((0, A <= 1), (r * sp.exp(-1 / (A - 1)) + s * (A - 1) ** 3, True)), 2),
        (sp.Piecewise((r, a >= A), (r - s * (1 - A / a) ** 4 * sp.exp(-1 / (A - a)) + s * (A - a) ** 4, True)), 3),
        (sp.Piecewise((r * A, A <= 1), (r * A + sp.exp(-1 / (A - 1)) * s, True)), 1),  # at 0
    ],
    ids=str,
)
def test_a_joint_that_is_flat_but_for_one_term(flux, order):
    assert smoothness_of(half_line(flux, r, Parity.ODD)) == order


def test_a_smooth_joint_of_unlike_pieces_is_followed_only_so_far():
    bump = sp.Piecewise((r * sp.exp(-1 / (1 - r**2)), A < 1), (0, True))
    with pytest.raises(Undecided):
        smoothness_of(half_line(bump, r, Parity.ODD))


def test_it_sees_the_singularity_of_acos():
    assert certify(Activation(r * sp.acos((1 - r**2) / (1 + r**2)))).smoothness == 1


def test_a_flat_part_does_not_hide_an_even_one():
    """Phi = ln((1 - exp(-r))/r) = -r/2 + r^2/24 - ... for r > 0: its second derivative jumps at 0."""
    assert certify(Activation("sgn(r)*ln((1 - exp(-|r|))/|r|)")).smoothness == 1
