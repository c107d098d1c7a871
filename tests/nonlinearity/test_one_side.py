"""Cases for x > 0 alone are told from cases for all x."""

import pytest
import sympy as sp

from symtrans.nonlinearity.one_side import is_open_below_zero

x, c = sp.Symbol("x", real=True), sp.Symbol("c", real=True)
OPEN = sp.Piecewise((sp.exp(-x), x > 0))


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (OPEN, True),
        (1 + 2 * OPEN, True),
        (sp.Piecewise((1, sp.Eq(x, 0)), (1 - sp.exp(-1 / x), x > 0)), True),
        (sp.Piecewise((x, (x > 0) & (x < c)), (c, (x >= c) & (x > 0))), True),
        (sp.Piecewise((x, x < 1), (2 - x, x < 2)), False),
        (sp.Piecewise((x, x < 0)), False),
        (sp.Piecewise((x, x > 0), (0, True)), False),
        (sp.Piecewise((OPEN, x > 1), (x, True), evaluate=False), False),
        (sp.Piecewise((x, sp.Abs(x) < 1), evaluate=False), False),
        (sp.exp(-x), False),
    ],
)
def test_whether_all_below_zero_is_left_out(given, answer):
    assert is_open_below_zero(given, x) is answer


def test_of_many_cases_that_leave_nothing_out_no_condition_is_evaluated(monkeypatch):
    cases = sp.Piecewise(*((k * x, sp.Abs(x) <= k) for k in range(1, 30)), (x, True), evaluate=False)
    monkeypatch.setattr(sp.Basic, "subs", lambda *_, **__: pytest.fail("a condition was evaluated"))
    assert is_open_below_zero(cases, x) is False
