"""Networks that learn: the kernel's numbers, and what the certificate proves at every step of training."""

import copy
import io
import pickle
import re

import numpy as np
import pytest

import symtrans as st
from symtrans import Network, NonlinearityError, StabilityError
from tests.codegen.test_kernels import rng

torch = pytest.importorskip("torch")

from symtrans.torch import Activation, DiffusionBlock, DiffusionNetwork, SplineActivation, SymmetricBlock  # noqa: E402
from symtrans.torch.kernels import has_compiler  # noqa: E402

BACKENDS = [pytest.param("c", marks=pytest.mark.skipif(not has_compiler(), reason="no C compiler")), "torch"]


def noise(*shape, dtype=torch.float32, seed=0):
    return torch.tensor(rng(seed).normal(size=shape), dtype=dtype)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", ["perona-malik", "truncated-tv", "scad", "constant"])
def test_a_module_is_its_kernel(name, backend):
    made = DiffusionNetwork(name, blocks=3, backend=backend, h=0.5, boundary="periodic").double()
    for parameter in made.parameters():
        parameter.data += torch.linspace(-1, 0.5, 3)
    network, values = made.to_network()
    u = noise(2, 40, dtype=torch.float64).requires_grad_()
    expected = network.compile("numpy")(u.detach().numpy(), **values)
    found = made(u)
    np.testing.assert_allclose(found.detach(), expected, rtol=1e-12, atol=1e-14)
    grad, by = network.compile("numpy").vjp(u.detach().numpy(), np.ones((2, 40)) * u.detach().numpy(), **values)
    (found * u.detach()).sum().backward()
    np.testing.assert_allclose(u.grad, grad, rtol=1e-11, atol=1e-13)
    raw = made.parametrizations.tau_share.original
    slope = torch.autograd.grad(made.tau.sum(), raw)[0]
    total = torch.autograd.grad((made(u) * u.detach()).sum(), raw)[0]
    np.testing.assert_allclose(total, by["tau"] * slope.numpy(), rtol=1e-8)


@pytest.mark.parametrize("backend", BACKENDS)
def test_derivatives_of_derivatives_and_over_a_batch(backend):
    made = DiffusionNetwork("perona-malik", blocks=2, backend=backend).double()
    u = noise(2, 7, dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(made, (u,))
    assert torch.autograd.gradgradcheck(made, (u,))
    torch.testing.assert_close(torch.vmap(made)(u), made(u))
    whole = torch.autograd.functional.jacobian(made, u[0])
    torch.testing.assert_close(torch.func.jacrev(made)(u[0]), whole)  # a transform that has ended where it goes back
    parameters = dict(made.named_parameters())

    def loss(parameters, u):
        return torch.func.functional_call(made, parameters, (u,)).square().sum()

    each = torch.vmap(torch.func.grad(loss), (None, 0))(parameters, u)
    made(u).square().sum().backward()
    for name, parameter in made.named_parameters():
        torch.testing.assert_close(each[name].sum(0), parameter.grad)
    # members of an ensemble, each with parameters of its own
    ensemble = {name: torch.stack([value, value + 0.25]).detach() for name, value in parameters.items()}
    found = torch.vmap(loss)(ensemble, u)
    slopes = torch.vmap(torch.func.grad(loss))(ensemble, u)
    for k in range(2):
        member = {name: values[k] for name, values in ensemble.items()}
        torch.testing.assert_close(found[k], loss(member, u[k]))
        torch.testing.assert_close({name: one[k] for name, one in slopes.items()}, torch.func.grad(loss)(member, u[k]))


GRIDS = {
    "images": ((2, 6, 7), {"h": (1, 0.5)}),
    "colours": ((2, 3, 6, 7), {"h": (1, 1), "channels": True}),
    "cycles": ((2, 6, 7), {"h": (1, 1), "scheme": "fsi", "cycle": 3, "stability": "euclidean"}),
}


@pytest.mark.parametrize("grid", GRIDS)
def test_grids_of_more_axes(grid):
    shape, options = GRIDS[grid]
    made = DiffusionNetwork("perona-malik", blocks=2, lam=[0.5, 0.7], **options).double()
    network, values = made.to_network()
    u = noise(*shape, dtype=torch.float64).requires_grad_()
    found = made(u)
    np.testing.assert_allclose(found.detach(), network.compile("numpy")(u.detach().numpy(), **values), rtol=1e-12)
    if made._in_c:
        plain = DiffusionNetwork("perona-malik", blocks=2, lam=[0.5, 0.7], backend="torch", **options).double()
        one, other = (torch.autograd.grad(m(u).square().sum(), (u, *m.parameters())) for m in (made, plain))
        torch.testing.assert_close(one, other)
    again = DiffusionNetwork.from_network(network, stability=options.get("stability", "max-min"), **values)
    torch.testing.assert_close(again.double()(u), found, rtol=1e-6, atol=1e-6)
    assert any("norm never grows" in guarantee.claim for guarantee in made.certificate().guarantees)
    with pytest.raises(NonlinearityError, match="or more"):
        made(u[0, 0, 0] if u.ndim > 3 else u[0, 0])


def test_schemes_that_keep_less():
    with pytest.raises(StabilityError, match=r"fsi scheme does not keep.*euclidean"):
        DiffusionNetwork("soft", scheme="fsi", cycle=3)
    with pytest.raises(StabilityError, match="sign"):
        DiffusionNetwork("soft", h=(1, 1), stability="sign")
    with pytest.raises(NonlinearityError, match="no kernel of the semi-implicit scheme"):
        DiffusionNetwork("soft", scheme="semi-implicit")


@pytest.mark.parametrize("backend", BACKENDS)
def test_channels_have_parameters_of_their_own(backend):
    theta = torch.tensor([0.1, 0.4, 2.0])
    made = DiffusionNetwork("soft", blocks=2, channels=3, theta=theta, backend=backend)
    u = noise(4, 3, 20).requires_grad_()
    found = made(u)
    for k in range(3):
        alone = DiffusionNetwork("soft", blocks=2, theta=float(theta[k]), backend=backend)
        torch.testing.assert_close(found[:, k], alone(u[:, k]))
    found.square().sum().backward()
    assert made.parametrizations.theta.original.grad.shape == (2, 3)
    with pytest.raises(NonlinearityError, match="4 channels before the last axis, and the network is for 3"):
        made(noise(3, 4, 20))


def test_every_step_of_training_is_stable():
    """Adversarial training: gradient ascent on how far the output leaves the range; it never does."""
    made = DiffusionNetwork("perona-malik", blocks=4)
    optimiser = torch.optim.SGD(made.parameters(), lr=100.0)
    u = noise(8, 30)
    for _ in range(20):
        out = made(u)
        assert out.amax() <= u.amax()
        assert out.amin() >= u.amin()
        (-out.square().sum()).backward()
        optimiser.step()
        optimiser.zero_grad()
    claims = [guarantee.claim for guarantee in made.certificate().guarantees]
    assert "min f <= u <= max f (max-min principle)" in claims
    assert all(0 < float(network.tau) <= 0.5 for network in made.networks())


@pytest.mark.parametrize("raw", [-30.0, 30.0, -1e4, 1e4])
@pytest.mark.parametrize("backend", BACKENDS)
def test_raw_parameters_may_go_anywhere(raw, backend):
    made = DiffusionNetwork("perona-malik", blocks=2, backend=backend)
    for parameter in made.parameters():
        parameter.data.fill_(raw)
    u = noise(3, 20).requires_grad_()
    made(u).square().sum().backward()
    assert u.grad.isfinite().all()
    assert all(parameter.grad.isfinite().all() for parameter in made.parameters())


STABILITY = {"max-min": 0.5, "sign": 0.25, "nonexpansive": 0.5, "euclidean": 0.5}


@pytest.mark.parametrize("stability", STABILITY)
def test_what_is_kept_bounds_the_step(stability):
    made = DiffusionNetwork("charbonnier", stability=stability)
    made.parametrizations.tau_share.original.data.fill_(1e3)
    assert made.tau.item() == STABILITY[stability]
    if stability == "nonexpansive":
        u, v = noise(50, 20), noise(50, 20, seed=1)
        assert ((made(u) - made(v)).norm(dim=1) <= (u - v).norm(dim=1) * (1 + 1e-6)).all()
        assert made.certificate().expansion() == 1
        with pytest.raises(StabilityError, match=r"nonexpansive.*max-min"):
            DiffusionNetwork("perona-malik", stability="nonexpansive")


def test_a_bound_in_the_parameters():
    """g_max of the activation is a: the step follows it."""
    made = DiffusionNetwork(st.Activation("a*tanh(r)"), a=4.0)
    assert made.tau.item() == pytest.approx(0.0625)
    u = noise(10, 30)
    assert made(u).abs().max() <= u.abs().max()
    with pytest.raises(StabilityError, match="no step keeps"):
        DiffusionNetwork(st.Diffusivity("1 - 2 r^2/(1 + r^2)"))


def test_both_ways():
    network = Network("perona-malik", 3, tau="1/8", h="1/2", boundary="periodic")
    made = DiffusionNetwork.from_network(network, lam=0.5)
    u = noise(2, 20)
    np.testing.assert_allclose(made(u).detach(), network.compile("numpy", "float32")(u.numpy(), lam=0.5), rtol=2e-6)
    again, values = made.to_network()
    assert again.activation == network.activation
    np.testing.assert_allclose(values["lam"], 0.5, rtol=1e-6)
    np.testing.assert_allclose(values["tau"], 0.125, rtol=1e-6)
    family = made.family(block=2)
    assert float(family.diffusivity(1.0)) == pytest.approx(np.exp(-2), rel=1e-5)
    with pytest.raises(StabilityError, match="largest stable step"):
        DiffusionNetwork("perona-malik", tau=0.6)


def test_learnable_or_fixed():
    made = DiffusionBlock("firm", d=2.0, learnable="tau")
    assert [name for name, p in made.named_parameters() if p.requires_grad] == ["parametrizations.tau_share.original"]
    assert not [p for p in DiffusionBlock("soft", learnable=False).parameters() if p.requires_grad]
    with pytest.raises(NonlinearityError, match="some of tau, theta"):
        DiffusionBlock("soft", learnable=["lam"])


def test_copies_and_checkpoints():
    made = DiffusionNetwork("soft", blocks=2, theta=[0.5, 0.25]).double()
    u = noise(3, 20, dtype=torch.float64)
    file = io.BytesIO()
    torch.save(made.state_dict(), file)
    file.seek(0)
    other = DiffusionNetwork("soft", blocks=2).double()
    other.load_state_dict(torch.load(file))
    for copied in (other, copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        torch.testing.assert_close(copied(u), made(u))
    with pytest.raises(NonlinearityError, match="that of another module"):
        DiffusionNetwork("perona-malik", blocks=2).load_state_dict(
            {name.replace("theta", "lam"): value for name, value in made.state_dict().items()}
        )
    with pytest.raises(NonlinearityError, match="another module, blocks = 2; this one is blocks = 3: "):
        DiffusionNetwork("soft", blocks=3).load_state_dict(made.state_dict())
    for layout in ({"shared": True}, {"channels": 3}):
        with pytest.raises(
            NonlinearityError, match=r"theta.original of shape \(2,\), this module .*shared= and channels="
        ):
            DiffusionNetwork("soft", blocks=2, **layout).load_state_dict(made.state_dict())


def test_an_activation_tells_what_it_has_learned():
    made = Activation("soft", channels=2, theta=[0.5, 0.25])
    assert made.family(1).activation == st.catalogue["soft"].subs(theta="1/4").activation
    assert made.certificate().g_max.value == 1
    with pytest.raises(NonlinearityError, match="channel = 2; there are 2"):
        made.family(2)
    with pytest.raises(NonlinearityError, match="block = 5; there are 2"):
        DiffusionNetwork("soft", blocks=2).family(5)


def test_activations():
    for name, values in {"soft": {"theta": 0.5}, "spline-21": {}, "scad": {}, "morita": {}}.items():
        made = Activation(name, **values).double()
        r = torch.linspace(-3, 3, 41, dtype=torch.float64)
        full = {"theta": 0.5} if name == "soft" else {"lam": 1.0} if name == "scad" else {}
        np.testing.assert_allclose(made(r).detach(), st.catalogue[name].activation(r.numpy(), **full), atol=1e-12)
    by_channel = Activation("soft", channels=2, theta=[0.5, 1.0])
    assert by_channel(torch.full((1, 2, 3, 4), 9.0))[0, :, 0, 0].tolist() == pytest.approx([2**-0.5, 2**0.5])
    assert torch.autograd.gradcheck(by_channel.double(), (noise(2, 2, 3, dtype=torch.float64).requires_grad_(),))


BAD = {
    "of torch.float16": lambda made: made(noise(4).half()),
    "of torch.int64": lambda made: made(torch.arange(4)),
    "give its parts, module(u.real)": lambda made: made(noise(4).to(torch.complex64)),
    "neither is changed": lambda made: made(noise(4).double()),
    "on meta": lambda made: made(noise(4).to("meta")),
    "wants 1 axis": lambda made: made(torch.tensor(1.0)),
    "is no parameter": lambda made: DiffusionNetwork("soft", lam=1.0),
    "values of shape": lambda made: DiffusionNetwork("soft", blocks=2, theta=[1.0, 2.0, 3.0]),
    "Activation.odd_part": lambda made: Activation(st.Activation("relu(r)")),
    "one of these": lambda made: Activation("relu(r)"),
    "between e": lambda made: DiffusionNetwork("soft", theta=-1.0),
    "stability = 'always'": lambda made: DiffusionNetwork("soft", stability="always"),
    "backend = 'cuda'": lambda made: DiffusionNetwork("soft", backend="cuda"),
    "blocks = 0": lambda made: DiffusionNetwork("soft", blocks=0),
}


@pytest.mark.parametrize("words", BAD)
def test_what_does_not_fit_is_told(words):
    with pytest.raises(NonlinearityError, match=re.escape(words)):
        BAD[words](DiffusionNetwork("soft"))


def test_numbers_that_contradict_an_assumption_are_refused_when_made_loaded_and_trained():
    hat = st.Activation(
        "Piecewise((r, |r| <= a), (a*(b - |r|)/(b - a)*sgn(r), |r| <= b), (0, otherwise))", assume=["a < b"]
    )
    for make in (DiffusionNetwork, Activation):
        with pytest.raises(NonlinearityError, match="contradict the assumption a < b"):
            make(hat, a=2.0, b=1.0)
    network, other = DiffusionNetwork(hat, a=1.0, b=2.0), DiffusionNetwork(hat, a=0.25, b=0.5)
    saved = other.state_dict()
    saved["parametrizations.a.original"] = network.state_dict()["parametrizations.a.original"]
    with pytest.raises(NonlinearityError, match="the checkpoint is refused"):
        network.load_state_dict(saved)
    assert (network.a.item(), network.b.item()) == (1.0, 2.0)
    with torch.no_grad():
        network.parametrizations.a.original.fill_(9.0)
    with pytest.raises(NonlinearityError, match="contradict the assumption a < b"):
        network(torch.zeros(3))


@pytest.mark.skipif(not has_compiler(), reason="no C compiler")
@pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")
def test_a_compiled_graph_refuses_numbers_that_contradict_an_assumption():
    hat = st.Activation("Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (a b/r, otherwise))", assume=["a < b", "b < 9"])
    for options in ({}, {"shared": True}, {"channels": 3}):
        network, u = DiffusionNetwork(hat, blocks=2, a=1.0, b=2.0, **options), noise(3, 8)
        whole = torch.compile(network, fullgraph=True, backend="aot_eager")
        torch.testing.assert_close(whole(u), network(u))
        with torch.no_grad():
            network.parametrizations.a.original.view(-1)[-1].fill_(2.0)
        with pytest.raises(NonlinearityError, match="contradict the assumption a < b"):
            whole(u)


@pytest.mark.parametrize("shape", [(3, 8), (1, 3, 8), (2, 3, 8), (3, 1), (1, 1, 3, 1)])
@pytest.mark.parametrize("backend", BACKENDS)
def test_an_input_stays_what_it_is(shape, backend):
    """Also where the signals of a channel stand alone, so that nothing need be copied."""
    for x, options in (("soft", {"channels": 3}), ("soft", {}), (SplineActivation(4), {"channels": True})):
        network, u = DiffusionNetwork(x, blocks=2, backend=backend, **options), noise(*shape).requires_grad_()
        before = u.detach().clone()
        with torch.no_grad():
            found = network(u)
        assert torch.equal(u, before)
        torch.testing.assert_close(network(u), found, rtol=0, atol=0)
        network(u).square().sum().backward()
        assert torch.equal(u, before)
        plain = DiffusionNetwork(x, blocks=2, backend="torch", **options)
        torch.testing.assert_close(found, plain(u))
        torch.testing.assert_close(u.grad, torch.autograd.grad(plain(u).square().sum(), u)[0])


@pytest.mark.parametrize("h", ["h", ("h", 1), (1, "2*k")])
def test_a_symbolic_grid_size_is_refused(h):
    for make in (DiffusionNetwork, lambda x, h: DiffusionNetwork.from_network(st.Network(x, h=h), theta=1.0)):
        with pytest.raises(NonlinearityError, match="is a symbol; give numbers"):
            make("soft", h=h)


def test_from_network_takes_networks_only():
    kernel = st.Network("soft").compile("numpy")
    for given, name in ((kernel, "Kernel"), (DiffusionNetwork("soft"), "DiffusionNetwork"), ("soft", "str")):
        with pytest.raises(NonlinearityError, match=f"{name} is no symtrans.Network.*to_network"):
            DiffusionNetwork.from_network(given)


MODULES = (
    lambda: Activation("soft"),
    lambda: DiffusionNetwork("soft", blocks=2),
    lambda: SplineActivation(5),
    lambda: SymmetricBlock(torch.ones(2, 1, 3), "soft"),
)


@pytest.mark.parametrize("make", MODULES)
def test_what_pytorch_cannot_do_is_told_with_what_it_can(make):
    module, u = make(), torch.rand(2, 1, 16)
    with pytest.raises(NonlinearityError, match=r"torch\.export"):
        torch.jit.script(module)
    with pytest.raises(NonlinearityError, match="holds no numbers"), torch.device("meta"):
        make()
    empty = copy.deepcopy(module).to("meta")
    assert empty(u.to("meta")).shape == u.shape
    for ask in (empty.certificate, empty.family, lambda: empty(u)):
        with pytest.raises(NonlinearityError, match=r"to_empty\(device='cpu'\)"):
            ask()
    filled = empty.to_empty(device="cpu")
    filled.load_state_dict(module.state_dict())
    assert torch.equal(filled(u), module(u))


@pytest.mark.filterwarnings("ignore:Torchinductor does not support", "ignore::DeprecationWarning")
def test_a_symmetric_block_is_one_graph():
    block, u = SymmetricBlock(torch.rand(2, 1, 3, 3), "charbonnier"), torch.rand(2, 1, 8, 8)
    torch.testing.assert_close(torch.compile(block, fullgraph=True, backend="aot_eager")(u), block(u))
    torch.testing.assert_close(torch.export.export(block, (u,)).module()(u), block(u))


@pytest.mark.parametrize("knots", [7, [0.1, 0.4, 1.0]])
@pytest.mark.parametrize("backend", ["auto", "torch"])
def test_signals_without_samples_and_without_axes(knots, backend):
    network = DiffusionNetwork(SplineActivation(knots), blocks=2, backend=backend)
    assert network(torch.rand(3, 0)).shape == (3, 0)
    assert network(torch.rand(0, 5)).shape == (0, 5)
    with pytest.raises(NonlinearityError, match="wants 1 axis or more"):
        network(torch.tensor(1.0))
    assert SymmetricBlock(torch.ones(2, 1, 3), "soft")(torch.rand(3, 1, 0)).shape == (3, 1, 0)
    assert DiffusionNetwork("hard", h=(1, 1), backend=backend)(torch.rand(2, 0, 4)).shape == (2, 0, 4)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: DiffusionNetwork("soft", theta="wide"), "theta = wide"),
        (lambda: DiffusionNetwork("soft", theta=None), "theta = None"),
        (lambda: DiffusionNetwork("soft", theta=1j), "real numbers"),
        (lambda: DiffusionNetwork("soft", theta=float("nan")), "give finite numbers"),
        (lambda: DiffusionNetwork("soft", tau="long"), "tau = long"),
        (lambda: DiffusionNetwork("sotf"), "did you mean soft"),
        (lambda: SplineActivation(5, reach="far"), "reach = far"),
        (lambda: SplineActivation(5, channels=2.5), "channels = 2.5"),
        (lambda: SplineActivation("many"), "knots takes real numbers"),
        (lambda: SymmetricBlock(torch.rand(2, 1, 3) * 1j, "soft"), "real numbers"),
        (lambda: SymmetricBlock(torch.ones(0, 1, 3), "soft"), "filters have the shape"),
    ],
)
def test_what_a_module_begins_with_is_checked(make, words):
    with pytest.raises(NonlinearityError, match=words):
        make()
    assert DiffusionNetwork("soft", tau="1/8").tau.item() == 0.125


@pytest.mark.parametrize("make", MODULES)
def test_nothing_is_proved_of_training_that_has_diverged(make):
    module = make()
    with torch.no_grad():
        for parameter in module.parameters():
            parameter.fill_(float("nan"))
    for ask in (module.certificate, module.family, getattr(module, "guarantees", module.certificate)):
        with pytest.raises(NonlinearityError, match="training has diverged"):
            ask()


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_nested_signals_are_refused():
    with pytest.raises(NonlinearityError, match="to_padded_tensor"):
        DiffusionNetwork("soft")(torch.nested.nested_tensor([torch.ones(3), torch.ones(4)], layout=torch.strided))


@pytest.mark.parametrize(
    ("name", "stability"),
    [("power", "max-min"), ("generalised-charbonnier", "nonexpansive"), ("garrote-n", "nonexpansive")],
)
def test_a_step_that_is_zero_for_some_parameters_is_refused(name, stability):
    """Training may lead there: a learned exponent made the step 0, and the output NaN."""
    with pytest.raises(StabilityError, match=r"no step keeps .* for all parameters, tau <= Piecewise\(.*by subs"):
        DiffusionNetwork(name, stability=stability)


def test_where_the_exponent_is_a_number_there_is_a_step():
    network = DiffusionNetwork(st.catalogue["generalised-charbonnier"].subs(p=0.4), stability="nonexpansive")
    assert 0 < network.tau.item() < 0.5


@pytest.mark.skipif(not has_compiler(), reason="no C compiler")
@pytest.mark.parametrize(
    "options", [{}, {"shared": True}, {"channels": 3}, {"h": (1, 1)}, {"h": (1, 1), "channels": True}]
)
def test_a_spline_of_the_catalogue_is_looked_up_in_its_own_table(options):
    u = noise(2, 3, 3, 9, dtype=torch.float64).requires_grad_()
    made = [DiffusionNetwork("spline-21", blocks=2, backend=one, **options).double() for one in ("c", "torch")]
    found, expected = (one(u) for one in made)
    assert torch.allclose(found, expected, rtol=0, atol=1e-14)
    w = noise(*u.shape, dtype=torch.float64, seed=1)
    for pair in zip(*(torch.autograd.grad((one(u) * w).sum(), [u, *one.parameters()]) for one in made), strict=True):
        assert torch.allclose(*pair, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_view_of_what_is_negative_in_memory_is_what_it_shows(backend):
    made, u = DiffusionNetwork("perona-malik", blocks=2, backend=backend), noise(3, 9)
    for view in (torch.complex(u, -u).conj().imag, torch._neg_view(-u)):
        assert view.is_neg()
        torch.testing.assert_close(made(view), made(u), rtol=0, atol=0)


@pytest.mark.parametrize(
    "make",
    [
        lambda: DiffusionNetwork("perona-malik", blocks=2),
        lambda: Activation("constant"),
        lambda: SplineActivation(3),
        lambda: DiffusionNetwork(SplineActivation(3), blocks=2),
        lambda: SymmetricBlock(torch.ones(1, 1, 3), "soft"),
    ],
)
def test_what_was_frozen_stays_so_where_it_goes(make):
    made = make()
    for k, parameter in enumerate(made.parameters()):
        parameter.requires_grad_(k > 0)
    for copied in (pickle.loads(pickle.dumps(made)), copy.deepcopy(made)):
        flags = [[(name, one.requires_grad) for name, one in module.named_parameters()] for module in (made, copied)]
        assert flags[0] == flags[1]
