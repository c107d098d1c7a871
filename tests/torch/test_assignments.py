"""Parameters of a module that is made are set as they were given: one number for all, or one for each."""

import numpy as np
import pytest

from symtrans import NonlinearityError, StabilityError

torch = pytest.importorskip("torch")

from symtrans.torch import DiffusionNetwork, SplineActivation  # noqa: E402

EACH = [0.1, 0.2, 0.3, 0.4]


@pytest.mark.parametrize(
    "value",
    [
        0.3,
        "3/10",
        EACH,
        np.array(EACH),
        torch.tensor(EACH),
        torch.tensor(EACH).double(),
        torch.nn.Parameter(torch.tensor(EACH)),
    ],
)
@pytest.mark.parametrize("name", ["lam", "tau"])
def test_parameters_and_steps_are_set(name, value):
    network = DiffusionNetwork("perona-malik", blocks=4)
    setattr(network, name, value)
    fresh = DiffusionNetwork("perona-malik", blocks=4, **{name: value})
    u = torch.linspace(-1, 1, 9) ** 3
    assert torch.equal(network(u), fresh(u))
    assert getattr(network, name).shape == (4,)
    assert len(list(network.parameters())) == 2


def test_a_shared_step_and_a_spline_are_set():
    network = DiffusionNetwork(SplineActivation(5, reach=1.0), blocks=3, shared=True)
    network.tau = 0.125
    assert network.tau.item() == pytest.approx(0.125)
    spline = SplineActivation(5, reach=1.0)
    spline.rates = 0.5
    assert spline.rates.detach().numpy() == pytest.approx(np.full(6, 0.5), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        *((name, [0.1, 0.2], r"give one number, or the shape \(4,\)") for name in ("lam", "tau", "tau_share")),
        *(("lam", value, "finite") for value in (float("nan"), [0.1, 0.2, 0.3, float("inf")])),
        ("lam", -1.0, "as a positive number"),
        ("lam", "auto", "lam = auto is not a number"),
        ("tau", 0.7, "up to the largest stable step, 1/2"),
    ],
)
def test_what_does_not_fit_is_refused_when_it_is_set(name, value, words):
    network = DiffusionNetwork("perona-malik", blocks=4, lam=0.25)
    with pytest.raises((NonlinearityError, StabilityError), match=words):
        setattr(network, name, value)
    assert torch.equal(network.lam, torch.full((4,), 0.25))


@pytest.mark.parametrize("move", [{"device": "cpu"}, {"dtype": torch.float64}])
def test_a_module_is_moved_when_it_is_made(move):
    with pytest.raises(NonlinearityError, match=r"and then module.to\("):
        DiffusionNetwork("perona-malik", **move)
