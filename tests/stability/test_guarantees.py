"""The step of a network: the default, and the refusal of one that does not keep the range."""

import math
import re

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, certify
from symtrans.schemes import EXPLICIT
from symtrans.schemes.grid import Grid
from symtrans.stability.guarantees import default_step, refuse_unstable


@pytest.mark.parametrize("h", ["1", "2/3"])
def test_the_default_is_the_sign_stable_step(h):
    c = certify(Diffusivity("3 exp(-r^2)"))
    assert default_step(c, Grid.of(h), EXPLICIT) == c.sign_step(h) == sp.Rational(h) ** 2 / 12


def test_where_any_step_will_do_the_default_is_that_of_linear_diffusion():
    nothing, linear = (certify(Activation(text)) for text in ("0", "r"))
    grid = Grid.of("1/3")
    assert nothing.sign_step("1/3") is sp.oo
    assert default_step(nothing, grid, EXPLICIT) == default_step(linear, grid, EXPLICIT)


@pytest.mark.parametrize(
    ("text", "tau", "words"),
    [
        ("r", "51/100", "tau = 51/100 is above the largest stable step 1/2"),
        ("-r", "1/100", "no time step is stable for Phi = -r"),
        (
            "sgn(r)",
            "1/100",
            r"no time step is stable for Phi = sgn\(r\) .*; sup g = oo, .* r -> 0, where huber and charbonnier are",
        ),
        ("r^3", "1/100", r"sup g = oo, increasing on \(0, oo\); approached as r -> oo\)"),
        ("r*(2 + cos(r^2)*cos(r))", "1/100", "no stable step is known"),
    ],
)
def test_a_step_that_is_not_proved_stable_is_refused(text, tau, words):
    c = certify(Activation(text), budget=1)
    with pytest.raises(st.StabilityError, match=words) as refusal:
        refuse_unstable(c, sp.Rational(tau), Grid.of(), EXPLICIT)
    assert 'unstable="allow"' in str(refusal.value)


def test_a_step_at_the_bound_and_one_that_depends_on_parameters_are_not_refused():
    c = certify(Diffusivity("a exp(-r^2)"))
    (a,) = c.activation.parameters
    assert refuse_unstable(certify(Activation("r")), sp.Rational(1, 2), Grid.of(), EXPLICIT) is None
    assert refuse_unstable(c, sp.Rational(1, 2), Grid.of(), EXPLICIT) is None  # a kernel looks when a is given
    with pytest.raises(st.StabilityError, match="above the largest"):
        refuse_unstable(c, 1 / a, Grid.of(), EXPLICIT)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"scheme": "leapfrog"}, "scheme = 'leapfrog' is none of explicit, semi-implicit, fsi, implicit"),
        ({"boundary": "mirror"}, "boundary = 'mirror' is none of reflecting, periodic"),
        ({"h": (1, 1, 1, 1)}, "has 4 entries"),
        ({"cycle": 3}, "blocks of the explicit scheme are no cycles"),
        ({"time": 3, "tau": 0.1, "blocks": 4}, "one too many"),
        ({"time": -3}, "must be positive"),
        ({"tau": math.nan}, "tau = nan is not a finite number"),
        ({"time": np.float32("nan")}, "time = nan is not a finite number"),
        ({"h": (1, math.inf)}, "h = inf is not a finite number"),
        ({"time": "T"}, "how many steps that takes depends on T"),
        ({"scheme": "fsi", "cycle": 2.5}, "cycle = 2.5 must be a whole number"),
        ({"h": 0}, "must be positive"),
    ],
)
def test_a_network_refuses_what_there_is_not(settings, words):
    with pytest.raises(st.NonlinearityError, match=words):
        st.Network(Activation("r"), **settings)


def test_too_few_steps_to_a_stopping_time_are_told_how_many_are_enough():
    for scheme, cycle in (("explicit", None), ("fsi", 3)):
        settings = {"time": 100, "h": (1, 1), "scheme": scheme, "cycle": cycle}
        with pytest.raises(st.StabilityError, match="3 steps to that time are too few") as refusal:
            st.Network(Activation("r"), np.int64(3), **settings)
        enough = int(re.search("take ([0-9]+) steps or more", str(refusal.value))[1])
        assert st.Network(Activation("r"), enough, **settings).time == 100
        with pytest.raises(st.StabilityError):
            st.Network(Activation("r"), enough - 1, **settings)


def test_a_stopping_time_alone_says_how_many_implicit_steps():
    linear = Activation("r")
    for scheme in ("semi-implicit", "implicit"):
        network = st.Network(linear, time=201, h=(1, 1), scheme=scheme)
        assert (network.blocks, network.time) == (41, 201)
        assert network.tau <= 20 * certify(linear).max_min_step(h=(1, 1))


def test_a_network_is_a_nonlinearity_a_scheme_and_a_grid():
    network = st.Network(Activation("r"), 2, h="1/2", boundary="periodic", scheme="explicit")
    assert (network.scheme, network.grid) == (EXPLICIT, Grid.of("1/2", "periodic"))
    assert (network.h, network.boundary) == (sp.Rational(1, 2), "periodic")
    other = network.with_blocks(3)
    assert (other.scheme, other.grid, other.tau) == (network.scheme, network.grid, network.tau)


def test_the_head_of_a_kernel_says_what_holds_on_its_grid():
    line, ring = (
        st.Network(Activation("r"), boundary=boundary).source("numpy")["network_f64.py"]
        for boundary in ("reflecting", "periodic")
    )
    assert EXPLICIT.update(Grid.of()) in line
    for rule in EXPLICIT.rules:
        assert f"proved: {rule.claim} for tau <= " in line
    assert "proved: sign changes round the ring never grow (sign stability) for tau <= 1/4" in ring
    assert "proved: sign changes never grow" not in ring


def test_a_scheme_that_solves_keeps_the_sum_where_it_has_a_solution():
    """For g < 0 a kernel clamps what it finds: of (0, 1, 0.5, 0) the sum is another."""
    settings = {"tau": "1/10", "h": "1/2", "scheme": "semi-implicit"}
    wild = st.Network(Activation("-r"), unstable="allow", **settings)
    f = np.array([0.0, 1.0, 0.5, 0.0])
    assert abs(wild.compile("numpy")(f).sum() - f.sum()) > 0.1
    assert wild.guarantees == ()
    assert "solution or not" in "".join(wild.source("numpy").values())
    tame = st.Network(Activation("r"), **settings)
    assert abs(tame.compile("numpy")(f).sum() - f.sum()) < 1e-14
    assert tame.guarantees[-1].claim == "the sum of all samples stays the same"
    depends = st.Network(Diffusivity("a - exp(-r^2)"), **settings).guarantees[-1]
    assert depends.claim == tame.guarantees[-1].claim
    (a,) = depends.when.free_symbols
    assert depends.when.subs(a, 2) == sp.true
    assert depends.when.subs(a, sp.S.Half) == sp.false
