"""The explicit scheme: each rule against matrices in exact rationals, on a line and on a ring, up to it and beyond.

One block is u'_i = u_i + (tau/h) (q_i - q_{i-1}), written out again here. With the coefficients c_i = tau g(p_i)/h² of
its edges it is a matrix; a rule claims something for all coefficients from 0 to its ratio.
"""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, product

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as some

from symtrans.errors import NonlinearityError
from symtrans.schemes import EXPLICIT, IMPLICIT, SCHEMES, SEMI_IMPLICIT, scheme_of
from symtrans.schemes.grid import BOUNDARIES, Grid

LINE, RING = (Grid.of(1, boundary) for boundary in BOUNDARIES)


def matrix_of(weights, boundary):
    """I - sum of c_k (e_{k+1} - e_k)(e_{k+1} - e_k)ᵀ, exactly; a ring has as many edges as samples."""
    count = len(weights) + (boundary == "reflecting")
    matrix = [[Fraction(i == j) for j in range(count)] for i in range(count)]
    for k, c in enumerate(weights):
        a, b = k, (k + 1) % count
        matrix[a][a] -= c
        matrix[b][b] -= c
        matrix[a][b] += c
        matrix[b][a] += c
    return matrix


def applied(matrix, f):
    return [sum(c * v for c, v in zip(row, f, strict=True)) for row in matrix]


def changes(u, boundary):
    signs = [v > 0 for v in u if v != 0]
    if boundary == "periodic":
        signs += signs[:1]
    return sum(a != b for a, b in pairwise(signs))


def ratio_of(name):
    return Fraction(*EXPLICIT.rule(name).ratio.as_numer_denom())


def weights_up_to(most):
    parts = some.one_of(some.sampled_from([0, 1]), some.fractions(0, 1, max_denominator=9))
    return some.lists(parts.map(lambda part: Fraction(part) * most), min_size=2, max_size=7)


boundaries = some.sampled_from(BOUNDARIES)


@given(weights_up_to(ratio_of("max_min_step")), boundaries)
def test_up_to_its_ratio_every_sample_becomes_a_mean(weights, boundary):
    for row in matrix_of(weights, boundary):
        assert sum(row) == 1
        assert min(row) >= 0


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_beyond_it_a_spike_leaves_its_range(boundary):
    c = ratio_of("max_min_step") + Fraction(1, 10**9)
    weights = [c, c] if boundary == "reflecting" else [c, c, 0]
    height = Fraction(3)
    f = [height, Fraction(0), height]
    assert EXPLICIT.spike.signal(3.0, LINE) == tuple(f)
    middle = applied(matrix_of(weights, boundary), f)[1]
    assert middle > height
    assert [(sp.Rational(2 * c), 1)] == [(w, k) for w, k in EXPLICIT.spike.terms(sp.Rational(c), LINE)]
    assert middle == 2 * c * height
    assert EXPLICIT.rule("max_min_step").sharp(LINE)


@settings(max_examples=100)
@given(weights_up_to(ratio_of("sign_step")), boundaries, some.data())
def test_up_to_its_ratio_sign_changes_never_grow(weights, boundary, data):
    matrix = matrix_of(weights, boundary)
    f = data.draw(some.lists(some.integers(-9, 9), min_size=len(matrix), max_size=len(matrix)))
    assert changes(applied(matrix, f), boundary) <= changes(f, boundary)


@given(weights_up_to(ratio_of("sign_step")), boundaries)
def test_the_pivots_of_its_argument_are_at_least_a_quarter(weights, boundary):
    """On a line the matrix is the product of bidiagonal ones with these pivots; round a ring they converge to such."""
    matrix = matrix_of(weights, boundary)
    count = len(matrix)
    ring = boundary == "periodic"
    pivots = [Fraction(0) if ring else matrix[0][0]]
    if ring and count < 3:  # the two edges join the same two samples
        return
    off = [matrix[i - 1][i] for i in range(count)]  # between i - 1 and i; round a ring off[0] too
    if not ring:
        for i in range(1, count):
            pivots.append(matrix[i][i] - off[i] ** 2 / pivots[i - 1])
        lower = [[pivots[i] if i == j else off[i] if j == i - 1 else 0 for j in range(count)] for i in range(count)]
        upper = [[1 if i == j else off[j] / pivots[i] if j == i + 1 else 0 for j in range(count)] for i in range(count)]
        assert [applied(list(zip(*upper, strict=True)), row) for row in lower] == matrix
        assert min(pivots) >= Fraction(1, 4)
        return
    pivot, turns = Fraction(1, 4), []
    for _ in range(3):  # the map of one turn is monotone and stays between 1/4 and 1: it has a fixed point there
        for i in range(count):
            pivot = matrix[i][i] - off[i] ** 2 / pivot
            assert Fraction(1, 4) <= pivot <= 1
        turns.append(pivot)
    assert turns == sorted(turns)


def test_on_a_ring_changes_are_counted_round_it():
    """Cut open between the last sample and the first, a ring may show a change that was at the cut before."""
    f = [1, 9, -9, -40]
    u = applied(matrix_of([Fraction(1, 4)] * 4, "periodic"), f)
    assert (changes(f, "reflecting"), changes(u, "reflecting")) == (1, 2)
    assert (changes(f, "periodic"), changes(u, "periodic")) == (2, 2)
    for rule in (scheme.rule("sign_step") for scheme in (EXPLICIT, SEMI_IMPLICIT, IMPLICIT)):
        assert "round the ring" in rule.claim_on(RING)
        assert "round the ring" not in rule.claim_on(LINE)


@pytest.mark.parametrize("samples", range(2, 7))
def test_the_sharp_ratio_of_a_line(samples):
    """All weights alike at the ratio: the minors of order below N are >= 0, one is 0; beyond, one is negative."""
    rule = EXPLICIT.rule("sign_step")
    sharp = rule.limit(LINE, samples)
    rows = list(range(samples - 1))
    for c, expected in ((sharp, 0), (sharp * sp.Rational(101, 100), -1)):
        matrix = sp.Matrix([[sp.sympify(v) for v in row] for row in matrix_of([1] * (samples - 1), "reflecting")])
        matrix = sp.eye(samples) + sp.N(c, 60) * (matrix - sp.eye(samples))
        minors = [matrix.extract(rows[:k], rows[:k]).det() for k in range(1, samples)]
        assert all(minor > -1e-30 for minor in minors[:-1])
        assert abs(minors[-1]) < 1e-30 if expected == 0 else minors[-1] < 0
    assert rule.limit(RING, samples) == rule.ratio


@pytest.mark.parametrize("samples", range(3, 6))
def test_mixed_weights_up_to_the_sharp_ratio(samples):
    """Every corner of the box of coefficients, many integer signals: none gains a sign change; just above, one does."""
    sharp = EXPLICIT.rule("sign_step").limit(LINE, samples)
    random = np.random.default_rng(samples)
    f = random.integers(-30, 31, (40_000, samples))
    f = np.concatenate([f, np.abs(f) * (-1) ** np.arange(samples)])
    f = f[np.all(f != 0, axis=1)]
    for factor, breaks in ((sp.Rational(999, 1000), False), (sp.Rational(21, 20), True)):
        c = Fraction(int(sp.floor(sharp * factor * 1000)), 1000)
        grown = False
        for corner in product([0, c], repeat=samples - 1):
            matrix = np.array([[int(v * c.denominator) for v in row] for row in matrix_of(corner, "reflecting")])
            u = f @ matrix.T
            grown |= bool(np.any(_changes(u) > _changes(f)))
        assert grown is breaks


def _changes(signals):
    """Sign changes of each row; a zero takes the sign before it."""
    signs = np.sign(signals)
    for k in range(1, signs.shape[1]):
        signs[:, k] = np.where(signs[:, k] == 0, signs[:, k - 1], signs[:, k])
    return np.sum(signs[:, 1:] * signs[:, :-1] < 0, axis=1)


NORMS = (1, 2, np.inf)


@given(weights_up_to(ratio_of("nonexpansive_step")), boundaries)
def test_up_to_its_ratio_distances_do_not_grow(weights, boundary):
    """By the mean value theorem the weights are now tau Phi'/h²."""
    matrix = np.array(matrix_of(weights, boundary), dtype=float)
    assert all(np.linalg.norm(matrix, norm) <= 1 + 1e-12 for norm in NORMS)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_beyond_it_they_do_in_every_norm(boundary):
    c = ratio_of("nonexpansive_step") * Fraction(51, 50)
    matrix = np.array(matrix_of([c] * 60, boundary), dtype=float)
    assert all(np.linalg.norm(matrix, norm) > 1 for norm in NORMS)


@given(
    some.lists(some.fractions(-2, 2, max_denominator=7), min_size=3, max_size=7),
    some.fractions(0, 1, max_denominator=5),
    boundaries,
)
def test_no_slopes_between_two_ends_grow_a_distance_more_than_stated(slopes, tau, boundary):
    matrix = np.array(matrix_of([tau * slope for slope in slopes], boundary), dtype=float)
    grid = Grid.of(1, boundary)
    for norm in NORMS:
        reach = sp.Rational(tau) * grid.norm(len(matrix) if norm == 2 else None)
        stated = max(EXPLICIT.growth.terms(reach, sp.Rational(max(slopes)), sp.Rational(min(slopes))))
        assert np.linalg.norm(matrix, norm) <= float(stated) * (1 + 1e-12)


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("slope", [Fraction(-1), Fraction(2)])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("samples", [3, 4, 7])
def test_the_growth_is_attained(slope, norm, samples, boundary):
    edges = samples if boundary == "periodic" else samples - 1
    matrix = np.array(matrix_of([slope] * edges, boundary), dtype=float)
    reach = Grid.of(1, boundary).norm(samples if norm == 2 else None)
    stated = max(EXPLICIT.growth.terms(reach, sp.Rational(slope), sp.Rational(slope)))
    assert np.linalg.norm(matrix, norm) == pytest.approx(float(stated), rel=1e-12)


def tent(p):
    """Slopes 1 and -1, so that K = 1."""
    size = abs(p)
    return p if size <= 2 else (4 - size) * (1 if p > 0 else -1) if size <= 4 else Fraction(0)


def psi(p):
    """2 times the integral of the tent, exactly."""
    size = min(abs(p), Fraction(4))
    return size**2 if size <= 2 else 8 * size - size**2 - 8


@given(some.lists(some.integers(-40, 40), min_size=2, max_size=7), boundaries, some.fractions(0, 1, max_denominator=6))
def test_up_to_its_ratio_the_energy_never_rises(f, boundary, part):
    tau = ratio_of("energy_step") * part

    def edges(u):
        after = [*u[1:], u[0]] if boundary == "periodic" else u[1:]
        return [b - a for a, b in zip(u, after, strict=False)]

    f = [Fraction(v, 10) for v in f]
    q = [tent(p) for p in edges(f)]
    before = [q[-1], *q[:-1]] if boundary == "periodic" else [0, *q]
    flow = q if boundary == "periodic" else [*q, 0]
    u = [v + tau * (right - left) for v, right, left in zip(f, flow, before, strict=True)]
    assert sum(map(psi, edges(u))) <= sum(map(psi, edges(f)))


def test_beyond_it_the_energy_can_rise():
    """Phi = r on a zigzag: each sample overshoots."""
    c = ratio_of("energy_step") * Fraction(51, 50)
    f = [(-1) ** k for k in range(60)]
    u = applied(matrix_of([c] * 60, "periodic"), f)
    assert sum((b - a) ** 2 for a, b in zip(u, u[1:] + u[:1], strict=True)) > 60 * 4


@pytest.mark.parametrize("h", ["1", "1/3"])
def test_the_coefficients_make_the_update(h):
    h = sp.Rational(h)
    tau, f = sp.Rational(2, 7), [sp.Integer(v) for v in (3, -1, 4, 1)]
    given = dict(EXPLICIT.coefficients(tau, Grid.of(h)))
    assert ("inverse_h" not in given) is (h == 1)
    inverse = given.get("inverse_h", 1)
    p = [(b - a) * inverse for a, b in pairwise(f)]
    q = [0, *(v**3 for v in p), 0]
    u = [v + given["step"] * (b - a) for v, a, b in zip(f, q, q[1:], strict=False)]
    i, phi = 1, lambda r: r**3  # the update in words, at the second sample
    assert u[i] == f[i] + (tau / h) * (phi((f[i + 1] - f[i]) / h) - phi((f[i] - f[i - 1]) / h))
    assert EXPLICIT.update(LINE) == "u_i <- u_i + (tau/h) (Phi((u_{i+1} - u_i)/h) - Phi((u_i - u_{i-1})/h))"


def test_schemes_are_found_by_name():
    assert list(SCHEMES) == ["explicit", "semi-implicit", "fsi", "implicit"]
    assert scheme_of("explicit") is scheme_of(EXPLICIT) is EXPLICIT
    for wrong in ("leapfrog", None, 3, ["explicit"], replace(EXPLICIT, required="sign_step")):
        with pytest.raises(NonlinearityError, match="is none of explicit"):
            scheme_of(wrong)
    with pytest.raises(TypeError):
        SCHEMES["mine"] = EXPLICIT
