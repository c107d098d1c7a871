"""Functions as trees, read here by an independent reader on mpmath numbers."""

import operator

import mpmath
import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans.calculus.algebra.canonical import X
from symtrans.language.symbols import keyword_of
from symtrans.present.trees import OPERATIONS, NoTree, function_data, tree

CALLS = {
    **{name: getattr(mpmath, name) for name in ("exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{name: getattr(mpmath, name) for name in ("atan", "asin", "acos", "asinh", "erf", "erfc", "sign")},
    "abs": abs,
    "max": max,
    "min": min,
    "+": lambda *terms: sum(terms),
    "*": lambda *factors: mpmath.fprod(factors),
    "^": operator.pow,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "and": lambda *parts: all(parts),
    "or": lambda *parts: any(parts),
}


def value(node, x, env, t=None):
    if isinstance(node, int | float):
        return mpmath.mpf(node)
    if isinstance(node, str):
        return mpmath.mpf(env[node])
    name, *parts = node
    if name in ("x", "t", "oo"):
        return {"x": x, "t": t, "oo": mpmath.inf}[name]
    if name == "int":
        low, high = (value(p, x, env, t) for p in parts[1:])
        return mpmath.quad(lambda s: value(parts[0], x, env, s), [low, high])
    if name == "cases":
        return next(value(v, x, env, t) for v, c in zip(parts[::2], parts[1::2], strict=True) if value(c, x, env, t))
    return CALLS[name](*(value(p, x, env, t) for p in parts))


def half(data, x, env):
    breaks = [value(b, None, env) for b in data["breaks"]]
    return value(data["pieces"][sum(x > b for b in breaks)], mpmath.mpf(x), env)


@pytest.mark.parametrize(
    "name", ["charbonnier", "soft", "perona-malik", "garrote", "hard", "log-cosh", "tukey", "firm"]
)
def test_trees_are_the_functions(name):
    for form in st.catalogue[name].forms:
        data = function_data(form.half)
        env = {keyword_of(s): 0.7 for s in form.parameters}
        for r in (0.05, 0.3, 1.1, 3.0):
            wanted = float(form(np.array([r]), **env)[0])
            assert float(half(data, r, env)) == pytest.approx(wanted, rel=1e-12, abs=1e-14)
        assert data["odd"] is (type(form) in (st.Shrinkage, st.Activation))


def test_an_integral_without_closed_form_has_a_tree():
    psi = st.translate(st.Diffusivity("1/(1 + abs(r)^p)"), budget=2).regulariser
    data = function_data(psi.half)
    assert float(half(data, 1.3, {"p": 2.0})) == pytest.approx(np.log1p(1.3**2), rel=1e-12)


def test_a_value_that_depends_on_parameters():
    p = sp.Symbol("p", positive=True)
    expr = sp.Piecewise((1 / p, sp.And(p > 1, p <= 3)), (sp.oo, True))
    assert float(value(tree(expr), None, {"p": 2})) == 0.5
    assert value(tree(expr), None, {"p": 4}) == mpmath.inf
    assert float(value(tree(sp.Max(p, 2)), None, {"p": 1})) == 2
    assert value(tree(-sp.oo), None, {}) == -mpmath.inf


def test_exact_numbers_become_the_nearest_double():
    assert tree(sp.Rational(1, 3)) == 1 / 3
    assert tree(sp.exp(sp.Rational(-3, 2))) == float(mpmath.exp(-1.5))
    assert tree(sp.Integer(7)) == 7


def test_only_listed_operations_occur():
    def names(node):
        if isinstance(node, list):
            yield node[0]
            for part in node[1:]:
                yield from names(part)

    for name in ("constant", "truncated-bfb", "tukey", "fair", "log-cosh", "tv"):
        for form in st.catalogue[name].forms:
            data = function_data(form.half)
            for part in (*data["pieces"], *data["breaks"], *data["values"], data["origin"]):
                assert set(names(part)) <= OPERATIONS


def test_what_is_not_listed_is_named():
    with pytest.raises(NoTree, match="gamma"):
        tree(sp.gamma(X))
