"""State dicts as others take them, for tensors by name; and arrays without samples, as a last batch may be."""

import io

import pytest

import symtrans as st
from symtrans import NonlinearityError

torch = pytest.importorskip("torch")

from symtrans.torch import Activation, DiffusionNetwork, SplineActivation, SymmetricBlock  # noqa: E402
from tests.torch.test_networks import BACKENDS  # noqa: E402

HAT = st.Activation("Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (a b/r, otherwise))", assume=["a < b"])
MADE = {
    "network": lambda backend: DiffusionNetwork("perona-malik", blocks=3, h=(1, 1), lam=0.3, backend=backend),
    "under an assumption": lambda backend: DiffusionNetwork(HAT, blocks=2, h=(1, 1), a=1.0, b=2.0, backend=backend),
    "splines": lambda backend: DiffusionNetwork(SplineActivation(8), blocks=3, h=(1, 1), backend=backend),
    "splines of other knots": lambda backend: DiffusionNetwork(
        SplineActivation([0.1, 0.5, 1.0]), blocks=2, h=(1, 1), backend=backend
    ),
    "filters": lambda backend: SymmetricBlock(torch.ones(2, 3, 3, 3), "soft", theta=0.1),
    "activation": lambda backend: Activation("soft", theta=0.1),
    "spline": lambda backend: SplineActivation(8),
}


@pytest.mark.parametrize("name", MADE)
def test_a_state_dict_holds_tensors_alone_and_is_taken_back_whatever_was_done_to_it(name):
    made, u = MADE[name]("torch"), torch.linspace(-1, 1, 96).reshape(1, 3, 4, 8)
    expected, state = made(u), made.state_dict()
    assert all(isinstance(value, torch.Tensor) for value in state.values())
    assert torch.equal(torch.func.functional_call(made, state, (u,)), expected)
    file = io.BytesIO()
    torch.save({key: value.cpu().double() for key, value in state.items()}, file)
    file.seek(0)
    other = MADE[name]("torch")
    with torch.no_grad():
        for parameter in other.parameters():
            parameter.add_(0.1)
    other.load_state_dict(torch.load(file, weights_only=True))
    assert torch.equal(other(u), expected)


@pytest.mark.parametrize("name", MADE)
def test_a_checkpoint_that_says_what_it_is_in_text_is_taken_or_refused(name):
    made = MADE[name]("torch")
    text = {
        key: bytes(value.tolist()).decode() for key, value in made.state_dict().items() if value.dtype == torch.uint8
    }
    assert text
    made.load_state_dict({**made.state_dict(), **text})
    with pytest.raises(NonlinearityError, match="the checkpoint is that of another module"):
        made.load_state_dict({**made.state_dict(), **dict.fromkeys(text, "of something else")})


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("shape", [(0, 3, 8, 8), (2, 3, 0, 8), (2, 3, 8, 0)])
@pytest.mark.parametrize("name", MADE)
def test_an_array_without_samples_has_the_gradient_zero(name, shape, backend):
    made = MADE[name](backend)
    found = made(torch.zeros(shape))
    assert found.shape == shape
    found.sum().backward()
    assert all(parameter.grad is not None and not parameter.grad.any() for parameter in made.parameters())
