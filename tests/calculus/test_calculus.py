"""The half-line calculus: charts, limits, integrals, cuts, and the traps that are known to catch computer algebra."""

import threading
import time

import mpmath as mp
import pytest
import sympy as sp
from hypothesis import given

from symtrans import Activation, Diffusivity, Evidence, NonlinearityError, Regulariser, Shrinkage, certify, r
from symtrans.calculus.algebra.canonical import X, is_zero
from symtrans.calculus.algebra.comparisons import compare, largest, sign, vanishes
from symtrans.calculus.algebra.simplification import tidy
from symtrans.calculus.antiderivatives.verification import Diverges, integral_from_zero, primitive_of
from symtrans.calculus.asymptotics.limits import limit
from symtrans.calculus.enclosures.balls import constant_sign, rational_bounds
from symtrans.calculus.functions.expression import expression
from symtrans.calculus.functions.half_line import Parity
from symtrans.calculus.functions.splitting import half_line
from symtrans.calculus.signs.charts import sign_chart
from symtrans.calculus.undecided import Undecided
from symtrans.runtime.budgets import OutOfTime, OutOfWork, expiries, time_limit
from tests.strategies import diffusivities, positive_rationals

lam, theta, a, b = sp.symbols("lambda theta a b", positive=True)
A = sp.Abs(r)
zero, oo = sp.S.Zero, sp.oo


def chart(expr, lo=zero, hi=oo):
    return [(s.lo, s.hi, s.sign) for s in sign_chart(expr, lo, hi)]


class TestSignCharts:
    @pytest.mark.parametrize(
        ("expr", "expected"),
        [
            (1 - X**2 / lam**2, [(0, lam, 1), (lam, oo, -1)]),
            ((X - 1) ** 2 * (X - 2), [(0, 1, -1), (1, 2, -1), (2, oo, 1)]),
            (sp.log(X / lam), [(0, lam, -1), (lam, oo, 1)]),
            (1 - 2 * sp.exp(-X / lam), [(0, lam * sp.log(2), -1), (lam * sp.log(2), oo, 1)]),
            (sp.exp(X) - 1 - X, [(0, oo, 1)]),
            (sp.atan(X) - X, [(0, oo, -1)]),
            (sp.sqrt(X) - a, [(0, a**2, -1), (a**2, oo, 1)]),
            (X**2 - 2 * a * X + a**2, [(0, a, 1), (a, oo, 1)]),
            (sp.Integer(0) * X, [(0, oo, 0)]),
        ],
        ids=str,
    )
    def test_exact(self, expr, expected):
        assert chart(expr) == expected

    @pytest.mark.parametrize(
        "expr",
        [sp.sin(X) - X / 2, X - a, X**5 - X * a**2 - b, X**2 - (a + b) * X + a * b],
        ids=str,
    )
    def test_open_questions_stay_open_or_are_right(self, expr):
        """Either a reason, or a chart that numbers confirm."""
        try:
            found = sign_chart(expr, zero, oo)
        except Undecided as reason:
            assert str(reason)
            return
        values = {a: sp.Rational(7, 5), b: sp.Rational(5, 3)}
        for segment in found:
            hi = segment.lo.subs(values) + 1 if segment.hi is oo else segment.hi.subs(values)
            middle = (segment.lo.subs(values) + hi) / 2
            assert sp.sign(expr.subs({**values, X: middle}).evalf()) == segment.sign

    def test_a_scale_must_be_positive(self):
        """cos(2) < 0: taken for a positive scale it would hide the root."""
        (left, right) = chart(X**2 * sp.cos(2) ** 2 + X * sp.cos(2) - 1)
        assert (left[2], right[2]) == (-1, 1)
        assert float(left[1]) == pytest.approx(3.88818, abs=1e-4)

    @given(positive_rationals, positive_rationals)
    def test_scaling_moves_the_zeros(self, p, q):
        ((_, place, _), _) = chart(p - q * X**2)
        assert is_zero(place**2 - p / q)


class TestLimits:
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
        ],
        ids=str,
    )
    def test_exact(self, expr, point, side, expected):
        assert limit(expr, point, side) == expected

    def test_a_hidden_zero_below_is_seen(self):
        root = (1 + sp.sqrt(5)) / 2
        with pytest.raises(NonlinearityError, match="infinite there"):
            Diffusivity(1 / (r**2 - A - 1))
        assert limit(1 / (X**2 - X - 1), root, "+") is oo

    def test_numbers_beyond_all_size_stop_nothing(self):
        """The check of a limit by numbers took exp(exp(10**6)) to many digits, in code that no budget stops."""
        slope = certify(Activation("r exp(1 - exp(r^2))")).slope_max
        assert slope.evidence is Evidence.PROVED
        assert slope.value == 1

    def test_none_is_said(self):
        with pytest.raises(Undecided):
            limit(sp.sin(1 / X), zero)


class TestConstants:
    def test_signs_and_orders(self):
        assert sign(sp.sqrt(2) * theta - 2 * theta) == -1
        assert compare(a + b, a) == 1
        assert largest([lam, 2 * lam, lam / 3]) == 2 * lam
        assert largest([a, b]) == sp.Max(a, b)
        with pytest.raises(Undecided, match="is a < b"):
            compare(a, b)

    def test_numbers_closer_than_any_digits(self):
        """1 - tanh(26790) is about 1e-23269; SymPy's own Max of such numbers raises."""
        huge = sp.Rational(107_163, 4)
        assert sign(1 - sp.tanh(huge)) == 1
        assert sign(sp.cosh(a) - sp.sinh(a)) == 1
        assert largest([sp.S.One, sp.tanh(huge)]) == 1
        with pytest.raises(Undecided):
            largest([sp.S.One, sp.erf(huge)])

    def test_a_jump_that_no_digits_show(self):
        """Random input of the fuzz: g falls by 1 - tanh(26790) where a piece begins."""
        found = certify(Shrinkage("Piecewise((r exp(-r^2), |r| < 7/6), (r tanh(19683 r^2), |r| <= 4), (r/2, True))"))
        assert found.g_min.evidence is Evidence.PROVED
        assert found.g_min.value == 0

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (sp.sqrt(3 + 2 * sp.sqrt(2)), 1 + sp.sqrt(2)),
            (sp.sqrt(6), sp.sqrt(2) * sp.sqrt(3)),
            (sp.sqrt(lam**2 + X**2) / lam, sp.sqrt(1 + X**2 / lam**2)),
            (sp.log(1 + sp.exp(X)) - sp.log(1 + sp.exp(-X)), X),
            (sp.cosh(X) ** 2, 1 + sp.sinh(X) ** 2),
            (sp.tanh(X), (sp.exp(2 * X) - 1) / (sp.exp(2 * X) + 1)),
        ],
        ids=str,
    )
    def test_equal_in_disguise_is_never_called_different(self, one, other):
        assert is_zero(one - other) is not False

    def test_open_equality_is_not_inequality(self):
        with pytest.raises(Undecided):
            vanishes(sp.erfc(1) + sp.erf(1) - 1)

    def test_balls(self):
        assert constant_sign(sp.exp(sp.pi * sp.sqrt(163)) - 262537412640768744) == -1
        low, high = rational_bounds(sp.sqrt(2))
        assert low**2 < 2 < high**2
        assert high - low < sp.Rational(1, 10**15)


class TestTidy:
    @given(diffusivities())
    def test_changes_no_value(self, expr):
        function = half_line(expr, r, Parity.EVEN)
        back = expression(function, r)
        for place in (sp.Rational(1, 3), sp.Rational(-7, 2), sp.Integer(9), *function.breaks):
            assert abs(sp.N(back.subs(r, place) - expr.subs(r, place), 40)) < sp.Float("1e-35")

    def test_people_would_write_it_so(self):
        k = 1 + X**2 / lam**2
        assert tidy(1 / sp.sqrt(k) - X**2 / lam**2 / k ** sp.Rational(3, 2)) == k ** sp.Rational(-3, 2)
        assert tidy(lam**2 * X / (lam**2 + X**2)) == X / k
        assert tidy(sp.sinh(X) / sp.cosh(X)) == sp.tanh(X)


class TestIntegrals:
    @pytest.mark.parametrize(
        "expr",
        [X * sp.exp(-(X**2) / (2 * lam**2)), X / sp.sqrt(1 + X**2 / lam**2), X / (1 + X / lam), X / (1 + X**2) ** 2,
         sp.atan(X / lam), sp.tanh(X), X * (1 - sp.exp(-lam / X**4)), 2 * theta**2 / X, sp.sin(X / a),
         X * sp.tanh(a * X), X**2 / (1 + sp.exp(a * (X - lam))), X * (1 + X**2 / lam**2) ** -theta,
         X**2 * sp.cos(a * X),
         1 / (1 + sp.exp(X)) ** 3, X**3 * sp.exp(-((X - a) ** 2)), X * sp.atan(X / a), X**a, X * sp.sqrt(X + a),
         sp.sqrt(X**2 - X + 1), X / (1 + X**4) - a / (1 + (X - 3) ** 2), sp.log(X + 1) * X, X * sp.erf(X)],
        ids=str,
    )  # fmt: skip
    def test_verified_by_differentiation_and_quadrature(self, expr):
        primitive = primitive_of(expr)
        values = {s: sp.Rational(7, 5) for s in expr.free_symbols - {X}}
        f = sp.lambdify(X, expr.subs(values), "mpmath")
        with mp.workdps(30):
            difference = sp.N(primitive.subs({**values, X: 3}) - primitive.subs({**values, X: 1}), 30)
            assert abs(mp.mpf(str(difference)) - mp.quad(f, [1, 2, 3])) < mp.mpf(10) ** -20

    def test_logarithms_stay_real(self):
        psi = Activation(sp.Piecewise((r / (4 - r**2), A < 1), (r / 3, True))).to(Regulariser)
        assert not psi.expr.has(sp.I)
        assert psi(0.7) == pytest.approx(float(mp.quad(lambda x: 2 * x / (4 - x**2), [0, 0.7])))

    def test_divergence_is_said(self):
        flux = half_line(1 / r, r, Parity.EVEN)
        with pytest.raises(Diverges):
            integral_from_zero(flux)


class TestCuts:
    @pytest.mark.parametrize(
        ("text", "places"),
        [
            ("Max(|r| - theta, 0)", (theta,)),
            ("Min(r^2, 2 theta^2)", (sp.sqrt(2) * theta,)),
            ("||r| - 1|", (1,)),
            ("Piecewise((1, |r| < 1), (1, otherwise))", ()),
            ("Piecewise((r^2, |r| <= 2), (2|r|, otherwise))", (2,)),
            ("Max(1 - |r|, |r| - 3, 0)", (1, 3)),
            ("Piecewise((1, 1 < |r| <= 2), (0, otherwise))", (1, 2)),
            ("Heaviside(|r| - 1, 1/3)", (1,)),
            ("sqrt((|r| - 2)^2)", (2,)),
        ],
    )
    def test_breaks_are_exact(self, text, places):
        assert Diffusivity(text).half.breaks == places

    def test_values_at_breaks_follow_the_condition(self):
        assert Diffusivity("Piecewise((1, |r| < 1), (0, otherwise))")(1.0) == 0
        assert Diffusivity("Piecewise((1, |r| <= 1), (0, otherwise))")(1.0) == 1
        assert Diffusivity("Heaviside(|r| - 1, 1/3)")(1.0) == pytest.approx(1 / 3)

    def test_an_untaken_branch_is_not_asked(self):
        assert Diffusivity("Piecewise((|1/r|, r != 0), (5, otherwise))").half.origin == 5


class TestNothingFalseIsProved:
    """Regressions: statements that were once called proved and are false."""

    def test_equal_constants_are_no_jump(self):
        flux = sp.Piecewise((r * sp.sqrt(3 + 2 * sp.sqrt(2)), A <= 1), ((1 + sp.sqrt(2)) * sp.sign(r), True))
        assert certify(Activation(flux)).continuous.value is not False
        place = a / (a + b)
        cut = r * sp.Piecewise((sp.atan(sp.exp(-A / (a + b))), a >= A), (sp.atan(sp.exp(-place)), True))
        assert certify(Shrinkage(cut)).continuous.value is not False

    def test_the_step_where_the_slope_may_have_either_sign(self):
        step = certify(Activation((a - b) * r)).energy_step()
        assert step.subs({a: 1, b: 2}) is oo
        assert step.subs({a: 2, b: 1}) == sp.Rational(1, 2)

    def test_smoothness_sees_the_singularity_of_acos(self):
        assert certify(Activation(r * sp.acos((1 - r**2) / (1 + r**2)))).smoothness == 1

    def test_a_hole_is_refused_even_where_it_cannot_be_named(self):
        for text in ("tan(r)", "r/cos(r)", "r*sqrt(cos(r))", "r*(-8)^(1/3)", "r*asin(2)"):
            with pytest.raises(NonlinearityError):
                Activation(text)

    def test_a_parameter_keeps_its_assumptions(self):
        k = sp.Symbol("k", negative=True)
        with pytest.raises(NonlinearityError, match="must be"):
            Diffusivity(sp.exp(k * r**2))(1.0, k=3.0)
        with pytest.raises(NonlinearityError, match="must be"):
            Shrinkage("Max(|r| - theta, 0) sgn(r)").subs({"theta": -1})

    def test_no_witness_below_the_bound(self):
        """Cancellation in (1 - exp(-r²))/r² made floating point see one."""
        assert certify(Diffusivity("(1 - exp(-r^2))/r^2")).witness(0.49) is None


class TestBudget:
    def test_stops_in_any_thread(self):
        stopped = []

        def work():
            try:
                with time_limit(0.05):
                    while True:
                        pass
            except OutOfTime:
                stopped.append(True)

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert stopped == [True] * 3

    def test_nested_limits(self):
        with pytest.raises(OutOfTime), time_limit(0.2):
            with pytest.raises(OutOfTime), time_limit(0.02):
                while True:
                    pass
            while True:
                pass

    def test_work_is_counted_and_waiting_is_not(self):
        """A busy machine lets a thread wait; only what it computes itself uses up its processor's time."""
        with time_limit(60, processor=0.2):
            time.sleep(0.5)
        before = expiries()
        with pytest.raises(OutOfWork), time_limit(60, processor=0.1):
            while True:
                pass
        assert expiries() == before  # the answer is complete: a larger budget would not change it

    def test_leaves_nothing_behind(self):
        with time_limit(0.05):
            pass
        time.sleep(0.1)  # an alarm that was not cancelled would ring here

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_a_dropped_alarm_rings_again(self):
        """Python drops an exception that lands in __del__; the next ring must stop the loop."""

        class Swallows:
            def __del__(self):
                end = time.monotonic() + 0.06  # the first ring falls in here
                while time.monotonic() < end:
                    pass

        started = time.monotonic()
        with pytest.raises(OutOfTime), time_limit(0.03):
            Swallows()
            while time.monotonic() < started + 10:
                pass
