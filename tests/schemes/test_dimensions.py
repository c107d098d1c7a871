"""Bounds on more than one axis, and of the other schemes, against matrices that are written out here."""

import itertools
import re

import numpy as np
import pytest
import sympy as sp
from hypothesis import given
from hypothesis import strategies as some

import symtrans as st
from symtrans.schemes import EXPLICIT, FSI, IMPLICIT, SEMI_IMPLICIT
from symtrans.schemes.fsi import reached, weight
from symtrans.schemes.grid import BOUNDARIES, Grid

SCHEMES = (EXPLICIT, SEMI_IMPLICIT, FSI, IMPLICIT)


def edges(samples, boundary):
    last = samples if boundary == "periodic" else samples - 1
    return [(k, (k + 1) % samples) for k in range(last)]


def laplacian(shape, sizes, boundary, weights=None):
    """Minus the sum over edges of w (u_j - u_i)²/(2 h²), as a matrix."""
    index = np.arange(np.prod(shape)).reshape(shape)
    matrix = np.zeros((index.size, index.size))
    for axis, h in enumerate(sizes):
        lines = np.moveaxis(index, axis, -1).reshape(-1, shape[axis])
        for line, (i, j) in itertools.product(lines, edges(shape[axis], boundary)):
            c = (1 if weights is None else weights()) / h**2
            a, b = line[i], line[j]
            matrix[[a, b], [a, b]] -= c
            matrix[[a, b], [b, a]] += c
    return matrix


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("shape", [(3, 4), (5, 2), (3, 2, 4)])
def test_the_norm_is_the_largest_eigenvalue(shape, boundary):
    sizes = (1, sp.Rational(1, 2), sp.Rational(3, 2))[: len(shape)]
    grid = Grid.of(sizes, boundary)
    found = np.linalg.eigvalsh(-laplacian(shape, [float(h) for h in sizes], boundary)).max()
    assert float(grid.norm(shape)) == pytest.approx(found, rel=1e-12)
    assert grid.norm() == 4 * grid.inverse_squares
    with pytest.raises(st.NonlinearityError, match="give one number an axis"):
        grid.norm(4)


def test_bounds_are_those_of_one_axis_with_the_sum_of_inverse_squares():
    a, b = sp.symbols("h_1 h_2", positive=True)
    c = st.catalogue["charbonnier"].certificate
    half = sp.Rational(1, 2)
    for name in ("max_min_step", "euclidean_step", "nonexpansive_step", "theorem2_step", "energy_step"):
        assert sp.simplify(getattr(c, name)(h=(a, b)) - half / (1 / a**2 + 1 / b**2)) == 0
        assert getattr(c, name)(h=(1, 1, 1)) == half / 3
    assert c.sign_step(h=(1, 1)) == 0
    assert "breaks the one positive region" in c.steps((1, 1))["sign_step"].reason
    assert c.expansion("1/4", h=(1, 1)) == 1
    for norm in (1, sp.oo):
        assert c.growth("1/4", h=(1, 1), norm=norm).evidence.value == "unknown"
        assert c.expansion("1/4", h=Grid.of((1, 1), coupling="separable"), norm=norm) == 1


def test_the_example_of_lost_signs_is_one():
    def regions(u):
        found, left = 0, {tuple(p) for p in np.argwhere(u > 0)}
        while left:
            found, todo = found + 1, [left.pop()]
            for i, j in todo:
                near = {(i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)} & left
                left -= near
                todo += near
        return found

    f = np.array([[1.0, -9, 1], [1, 1, 1], [1, -9, 1]])
    u = st.models.diffusion_step(f, st.Activation("r"), 0.1)  # along the rows, and along the columns
    u = (u + st.models.diffusion_step(f.T, st.Activation("r"), 0.1).T) / 2
    assert (regions(f), regions(u)) == (1, 2)


@pytest.mark.parametrize("sizes", [(1, 1), (1, "1/2"), (1, 2, "3/2")])
@pytest.mark.parametrize("channels", [False, True])
def test_a_step_beyond_its_bound_has_a_witness(sizes, channels):
    grid = Grid.of(sizes, channels=channels)
    c = st.catalogue["perona-malik"].certificate
    bound = c.max_min_step(grid)
    assert c.witness(bound, grid, lam=1.0) is None
    witness = c.witness(bound * sp.Rational(101, 100), grid, lam=1.0)
    assert witness.shape == (1,) * channels + (3,) * len(sizes)
    # the step is written out here: all cells around the middle have the same gradient
    tau, height = float(bound * sp.Rational(101, 100)), witness.max()
    inverse = [1 / float(sp.Rational(h)) ** 2 for h in sizes]
    q = sum(inverse) * height**2 / 2 ** (len(sizes) - 1)
    assert 2 * tau * sum(inverse) * np.exp(-q / 2) * height > height


def test_a_step_of_edges_on_their_own_is_sharp_for_equal_sizes_only():
    c = st.catalogue["perona-malik"].certificate
    square, oblong = (Grid.of(h, coupling="separable") for h in ((1, 1), (1, 2)))
    assert c.keeps_range("0.26", square, lam=1.0).value is False
    assert c.keeps_range("0.41", oblong, lam=1.0).value in (False, None)
    rule = EXPLICIT.rule("max_min_step")
    assert (rule.sharp(square), rule.sharp(oblong)) == (True, False)


@given(some.integers(0, 2**32 - 1), some.sampled_from(BOUNDARIES), some.floats(0.01, 50))
def test_semi_implicit_steps_are_means_that_lose_signs(seed, boundary, tau):
    """The inverse of I - tau A is nonnegative with rows of sum 1, contracts, and adds no sign change."""
    random = np.random.default_rng(seed)
    count = int(random.integers(2, 9))
    matrix = np.eye(count) - tau * laplacian((count,), (1,), boundary, lambda: random.uniform(0, 1))
    inverse = np.linalg.inv(matrix)
    assert inverse.min() >= -1e-12
    assert np.allclose(inverse.sum(axis=1), 1)
    assert np.linalg.norm(inverse, 2) <= 1 + 1e-12
    f = random.integers(-9, 10, count)
    u = inverse @ f
    u[abs(u) < 1e-9] = 0

    def changes(v):
        signs = np.sign(v[v != 0])
        return int((signs != np.roll(signs, 1)).sum()) if boundary == "periodic" else int((np.diff(signs) != 0).sum())

    assert changes(u) <= changes(f)


@given(some.integers(1, 40), some.integers(0, 2**32 - 1))
def test_a_cycle_contracts_up_to_its_bound_and_reaches_its_time(cycle, seed):
    """On an eigenvalue z of I + tau A in [-1, 1] a cycle is a polynomial of modulus at most 1."""
    z = np.concatenate([np.linspace(-1, 1, 101), [1 - 1e-7]])
    before, now = np.ones_like(z), np.ones_like(z)
    for k in range(cycle):
        a = float(weight(k))
        before, now = now, a * z * now + (1 - a) * before
    assert abs(now).max() <= 1 + 1e-9
    assert (1 - now[-1]) / 1e-7 == pytest.approx(float(reached(sp.S.One, cycle)), rel=1e-3)


def test_schemes_say_what_they_keep():
    c = st.catalogue["perona-malik"].certificate
    steps = {scheme.name: {k: v.value for k, v in c.steps((1, 1), scheme=scheme).items()} for scheme in SCHEMES}
    assert steps["semi-implicit"] == {"max_min_step": sp.oo, "sign_step": 0, "euclidean_step": sp.oo}
    assert steps["fsi"] == {"euclidean_step": sp.Rational(1, 4)}
    assert steps["implicit"]["nonexpansive_step"] == 0
    assert st.catalogue["charbonnier"].certificate.steps(scheme="implicit")["nonexpansive_step"].value == sp.oo
    assert c.steps(scheme="semi-implicit")["sign_step"].value == sp.oo
    assert c.keeps_range(1, scheme="fsi", lam=1.0).value is None
    assert st.catalogue["tv"].certificate.steps(scheme="semi-implicit")["max_min_step"].value == 0


def test_a_network_lists_what_is_proved_of_it_and_no_more():
    image = st.Network("perona-malik", 4, h=(1, 1))
    assert image.tau == sp.Rational(1, 4)
    claims = [guarantee.claim for guarantee in image.guarantees]
    assert "min f <= u <= max f (max-min principle)" in claims
    assert not any("sign" in claim or "istances" in claim for claim in claims)
    assert any("sign" in guarantee.claim for guarantee in st.Network("perona-malik").guarantees)
    assert any("Euclidean distances" in g.claim for g in st.Network("charbonnier", h=(1, 1)).guarantees)
    fast = st.Network("perona-malik", h=(1, 1), scheme="fsi", time=200)
    assert fast.time == 200
    assert fast.tau <= sp.Rational(1, 4)
    assert not any("max-min" in g.claim for g in fast.guarantees)
    wild = st.Network("perona-malik", h=(1, 1), tau="3/10", unstable="allow")
    assert [g.claim for g in wild.guarantees] == ["the sum of all samples stays the same"]
    some_of = st.Network(st.Diffusivity("a exp(-r^2)"), tau="1/5", h=(1, 1)).guarantees[0]
    assert str(some_of.when) == "1/5 <= 1/(4*a)"


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"time": 20}, (80, sp.Rational(1, 4), 1)),
        ({"time": 20, "tau": 0.15}, (134, sp.Rational(10, 67), 1)),
        ({"time": 1, "blocks": 10}, (10, sp.Rational(1, 10), 1)),
        ({"time": 20, "blocks": 5, "scheme": "semi-implicit"}, (5, 4, 1)),
        ({"time": 200, "scheme": "fsi"}, (5, sp.Rational(60, 253), 22)),
        ({"scheme": "fsi"}, (1, sp.Rational(1, 4), 10)),
    ],
)
def test_a_stopping_time_chooses_the_steps(settings, found):
    network = st.Network("perona-malik", h=(1, 1), **settings)
    assert (network.blocks, network.tau, network.cycle) == found
    assert "time" not in settings or network.time == settings["time"]


@pytest.mark.parametrize(
    ("target", "settings", "words"),
    [
        ("c", {"scheme": "implicit"}, "no kernel of the implicit scheme on 2 axes"),
        ("torch", {"scheme": "semi-implicit"}, "no kernel of the semi-implicit scheme on 2 axes (isotropic); target"),
    ],
)
def test_what_a_target_has_no_kernel_of_is_refused(target, settings, words):
    with pytest.raises(st.NonlinearityError, match=re.escape(words)):
        st.Network("perona-malik", tau=1, h=(1, 1), **settings).source(target)


def test_the_semi_implicit_scheme_needs_a_step_or_a_time():
    with pytest.raises(st.StabilityError, match="every time step is stable; give tau"):
        st.Network("perona-malik", h=(1, 1), scheme="semi-implicit")
