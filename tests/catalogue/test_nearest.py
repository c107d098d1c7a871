"""A learned activation is known again, with its parameters and its size."""

import numpy as np
import pytest

import symtrans as st
from symtrans import Activation, NonlinearityError

FOUND = {"perona-malik": {"lam": 0.7}, "truncated-tv": {"theta": 0.4}, "charbonnier": {"lam": 0.3}, "constant": {}}


@pytest.mark.parametrize("name", FOUND)
def test_it_is_known_again(name):
    knots = np.linspace(0, 3, 200)
    phi = st.catalogue[name].activation
    learned = st.translate(Activation.from_knots(knots, 0.8 * phi(knots, **FOUND[name]), tail="linear"))
    first, second, *_ = learned.nearest(reach=3)
    assert first.name == name
    assert first.distance < 1e-3 < second.distance or name == "constant"
    assert first.factor == pytest.approx(0.8, rel=1e-2)
    assert dict(first.parameters) == pytest.approx(FOUND[name], rel=1e-2)
    assert first.name in str(first)


def test_two_parameters_and_families_of_ones_own():
    knots = np.linspace(0, 5, 200)
    firm = st.catalogue["firm"]
    learned = st.translate(Activation.from_knots(knots, firm.activation(knots, theta=0.5, d=2.0)))
    (found,) = learned.nearest(["firm"], reach=5)
    assert found.distance < 1e-2
    (own,) = learned.nearest([st.translate(Activation("lambda tanh(r/lambda)"), name="mine")], reach=5)
    assert own.name == "mine"
    assert own.distance > 0.05
    assert {one.name for one in learned.nearest(["Huber", st.catalogue["hard"]], reach=5)} == {"huber", "hard"}


BAD = {
    "has parameters": lambda: st.catalogue["soft"].nearest(reach=1),
    "name of no family": lambda: st.translate(Activation("tanh(r)")).nearest(["lost"], reach=1),
    "up to which reach": lambda: st.translate(Activation("tanh(r)")).nearest(),
    "must be positive": lambda: st.translate(Activation("tanh(r)")).nearest(reach=0),
}


@pytest.mark.parametrize("words", BAD)
def test_what_is_refused(words):
    with pytest.raises(NonlinearityError, match=words):
        BAD[words]()
