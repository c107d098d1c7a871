"""Random formulas, for what is asked of every formula."""

import sympy as sp
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

X, A, K = sp.Symbol("x", real=True), sp.Symbol("a", positive=True), sp.Dummy("k", positive=True)
quick = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))

numbers = st.fractions(-5, 5, max_denominator=6).map(lambda q: sp.Rational(q.numerator, q.denominator))
leaves = numbers | st.sampled_from([X, A, K])


def joined(parts):
    pairs = st.tuples(parts, parts)
    return (
        pairs.map(lambda p: p[0] + p[1])
        | pairs.map(lambda p: p[0] * p[1])
        | st.tuples(parts, st.sampled_from([-2, -1, 2, 3])).map(lambda p: p[0] ** p[1] if p[0] else p[0])
    )


rational = st.recursive(leaves, joined, max_leaves=6).filter(lambda e: not e.has(sp.zoo, sp.nan))
functions = st.sampled_from([sp.exp, sp.sin, sp.cos, sp.tanh, sp.atan, sp.erf, lambda u: sp.log(1 + u**2)])
smooth = st.tuples(rational, functions, rational).map(lambda p: p[1](p[0]) * p[2])
