"""Learned splines: the kind that they are, what stays proved of it, and networks and filter banks of them."""

import copy
import pickle

import numpy as np
import pytest

import symtrans as st
from symtrans import NonlinearityError, StabilityError
from tests.codegen.test_kernels import rng

torch = pytest.importorskip("torch")

from symtrans.torch import DiffusionNetwork, SplineActivation, SymmetricBlock  # noqa: E402

CONSTRAINTS = ("max-min", "monotone")
pytestmark = pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")


def noise(*shape, dtype=torch.float64, seed=0):
    return torch.tensor(rng(seed).normal(size=shape), dtype=dtype)


def scrambled(module, seed=0):
    """The module with other free numbers, as training may leave them."""
    for k, parameter in enumerate(module.parameters()):
        parameter.data = noise(*parameter.shape, dtype=parameter.dtype, seed=seed + k) * 4
    return module


@pytest.mark.parametrize("constraint", CONSTRAINTS)
def test_a_spline_is_its_kind(constraint):
    spline = scrambled(SplineActivation(9, reach=2.0, constraint=constraint)).double()
    kind = spline.kind()
    r = torch.linspace(-5, 5, 101, dtype=torch.float64)
    np.testing.assert_allclose(spline(r).detach(), kind(r.numpy()), atol=1e-14)
    certificate = spline.certificate()
    assert certificate.nonnegative.value is True
    assert certificate.g_max.value <= 1
    assert constraint == "max-min" or (certificate.monotone.value is True and certificate.slope_max.value <= 1)
    assert torch.autograd.gradcheck(spline, (noise(3, 4).requires_grad_(),))
    again = SplineActivation(spline.knots, kind(spline.knots.numpy()), constraint=constraint)
    np.testing.assert_allclose(again(r.float()).detach()[30:71], spline(r).detach()[30:71], atol=1e-5)


def test_where_training_begins():
    knots = np.linspace(0.1, 3, 30)
    spline = SplineActivation(knots, st.catalogue["perona-malik"].activation.subs({"lam": 1}))
    np.testing.assert_allclose(spline(torch.tensor(knots).float()).detach(), knots * np.exp(-(knots**2) / 2), atol=1e-5)
    with pytest.raises(NonlinearityError, match="has parameters"):
        SplineActivation(3, "soft")
    with pytest.raises(NonlinearityError, match=r"Phi\(r\)/r at r = 0.5 is 1.5"):
        SplineActivation([0.5, 1.0], [0.75, 0.5])
    with pytest.raises(NonlinearityError, match=r"slope up to r = 1 is -0.4"):
        SplineActivation([0.5, 1.0], [0.4, 0.2], constraint="monotone")
    with pytest.raises(NonlinearityError, match="ascending"):
        SplineActivation([1.0, 0.5])
    with pytest.raises(NonlinearityError, match="one for each"):
        SplineActivation([1.0, 2.0], [0.5])
    with pytest.raises(NonlinearityError, match="reach = 0 must be a finite positive number"):
        SplineActivation(5, reach=0)


def test_channels_have_their_own():
    spline = scrambled(SplineActivation(5, channels=3))
    u = noise(2, 3, 4, 5, dtype=torch.float32)
    for k in range(3):
        np.testing.assert_allclose(spline(u)[:, k].detach(), spline.kind(k)(u[:, k].numpy()), atol=1e-6)
    assert spline.family(1).activation == spline.kind(1)
    start = np.array([[0.1, 0.2, 0.3], [0.2, 0.3, 0.4]])
    own = SplineActivation([1.0, 2.0, 3.0], start, channels=2)
    np.testing.assert_allclose([own.kind(k)(2.0) for k in range(2)], start[:, 1], rtol=1e-6)
    for wrong in ({}, {"channels": 3}):
        with pytest.raises(NonlinearityError, match=r"start has the shape \(2, 3\)"):
            SplineActivation([1.0, 2.0, 3.0], start, **wrong)
    with pytest.raises(NonlinearityError, match="channel = None of a spline with channels = 3"):
        spline.family()
    with pytest.raises(NonlinearityError, match="3 channels"):
        spline(u[:, :2])


GRIDS = {
    "signals": ((2, 20), {"h": 0.5}),
    "images": ((2, 6, 7), {"h": (1, 0.5), "boundary": "periodic"}),
    "colours": ((2, 3, 5, 6), {"h": (1, 1), "channels": True}),
    "edges": ((5, 6), {"h": (1, 1), "coupling": "separable"}),
}


@pytest.mark.parametrize("grid", GRIDS)
def test_networks_of_splines(grid):
    shape, options = GRIDS[grid]
    made = scrambled(DiffusionNetwork(SplineActivation(6, reach=2.0), blocks=2, **options)).double()
    u = noise(*shape).requires_grad_()
    expected = u.detach().numpy()
    for network in made.networks():
        expected = network.compile("numpy")(expected)
    np.testing.assert_allclose(made(u).detach(), expected, atol=1e-13)
    assert torch.autograd.gradcheck(made, (u,))
    assert "max-min" in made.certificate().guarantees[0].claim
    assert made.family(1).certificate.g_max.value <= 1


def test_copies_compile_and_learn():
    made = DiffusionNetwork(SplineActivation(8, reach=2.0, constraint="monotone"), blocks=2, stability="nonexpansive")
    u, v = noise(4, 30, dtype=torch.float32), noise(4, 30, dtype=torch.float32, seed=1)
    optimiser = torch.optim.SGD(made.parameters(), lr=50.0)
    for _ in range(5):
        (-made(u).var()).backward()
        optimiser.step()
        optimiser.zero_grad()
        assert ((made(u) - made(v)).norm(dim=1) <= (u - v).norm(dim=1) * (1 + 1e-6)).all()
    assert made.certificate().expansion() == 1
    for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made))):
        torch.testing.assert_close(other(u), made(u))
    torch.testing.assert_close(torch.compile(made, fullgraph=True, backend="aot_eager")(u), made(u))
    with pytest.raises(StabilityError, match="monotone"):
        DiffusionNetwork(SplineActivation(8), stability="nonexpansive")


@pytest.mark.parametrize("stability", ["euclidean", "nonexpansive"])
def test_symmetric_blocks(stability):
    activation = SplineActivation(6, reach=2.0, constraint="monotone", channels=4)
    block = scrambled(SymmetricBlock(torch.zeros(4, 2, 3, 5), activation, stability=stability)).double()
    block.parametrizations.share.original.data.fill_(50.0)
    assert block.share == 1
    u, v = noise(3, 2, 12, 13), noise(3, 2, 12, 13, seed=1)
    for _ in range(5):  # towards the worst
        u = block(u)
        assert block(u).norm() <= u.norm()
    if stability == "nonexpansive":
        assert (block(u) - block(v)).norm() <= (u - v).norm()
    # the bound of the norm is one, and near what power iteration finds
    forth, back = torch.nn.functional.conv2d, torch.nn.functional.conv_transpose2d
    for _ in range(60):
        w = back(forth(v, block.filters, padding=(1, 2)), block.filters, padding=(1, 2))
        v = w / w.norm()
    assert w.norm() <= block.norm_squared() <= 4 * w.norm()
    assert torch.autograd.gradcheck(lambda x: block(x), (noise(1, 2, 3, 4).requires_grad_(),))
    assert block.guarantees()[0].evidence.value == "proved"
    assert block.certificate(channel=1).monotone.value is True
    assert block.family(1).activation == activation.kind(1)


def test_autocast_does_not_round_a_symmetric_block_out_of_its_bound():
    block = SymmetricBlock(torch.tensor([[[0.0, -1.0, 1.0]]]), "constant")
    block.parametrizations.share.original.data.fill_(50.0)
    u = (-1.0) ** torch.arange(999)[None, None]
    for _ in range(4):
        with torch.autocast("cpu", torch.bfloat16):
            found = block(u)
        torch.testing.assert_close(found, block(u), rtol=0, atol=0)
        assert found.norm() <= u.norm()
        u = 1.003 * found


def test_symmetric_blocks_that_are_refused():
    filters = torch.ones(1, 1, 3)
    with pytest.raises(StabilityError, match="needs Phi increasing"):
        SymmetricBlock(filters, "perona-malik", stability="nonexpansive")
    with pytest.raises(StabilityError, match="divide by it"):
        SymmetricBlock(filters, st.Activation("a*tanh(r)"))
    with pytest.raises(NonlinearityError, match="odd sizes"):
        SymmetricBlock(torch.ones(1, 1, 4), "soft")
    with pytest.raises(NonlinearityError, match="want"):
        SymmetricBlock(filters, "soft")(torch.ones(1, 2, 5))
    with pytest.raises(StabilityError, match="no step keeps stability='euclidean', since g_max = oo"):
        SymmetricBlock(filters, "tv")
    for x, options in ((SplineActivation(3, channels=5), {}), ("soft", {"channels": 5})):
        with pytest.raises(NonlinearityError, match="channels = 5, and there are 1 filters"):
            SymmetricBlock(filters, x, **options)
    with pytest.raises(NonlinearityError, match="filters hold NaN"):
        SymmetricBlock(filters * torch.nan, "soft")
    with pytest.raises(NonlinearityError, match=r"filters of up to 1e\+25 are too large.* of torch.float32"):
        SymmetricBlock(filters * 1e25, "soft")


@pytest.mark.parametrize("grid", GRIDS)
def test_c_kernels_of_splines_are_the_plain_ones(grid):
    shape, options = GRIDS[grid]
    made = scrambled(DiffusionNetwork(SplineActivation(6, reach=2.0), blocks=2, **options)).double()
    u = noise(*shape).requires_grad_()
    found = []
    for in_c in (True, False):
        made._in_c = in_c
        made(u).square().sum().backward()
        found.append([made(u).detach(), u.grad, *(p.grad for p in made.parameters())])
        u.grad = None
        made.zero_grad()
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=1e-12, rtol=1e-10)


def test_ops_of_splines():
    made = scrambled(DiffusionNetwork(SplineActivation(12, reach=2.0), blocks=2, h=0.5)).double()
    u = noise(3, 50).requires_grad_()
    given = (u, made._given_to_op().detach().requires_grad_(), made._text, 1)
    torch.library.opcheck(torch.ops.symtrans.filter, given)
    assert torch.autograd.gradgradcheck(made, (u[:1, :9],))
    other = DiffusionNetwork(SplineActivation(12, reach=3.0), blocks=2, h=0.5)
    with pytest.raises(NonlinearityError, match="of another module"):
        other.load_state_dict(made.state_dict())


def test_uneven_knots_are_plain_torch():
    made = scrambled(DiffusionNetwork(SplineActivation([0.25, 0.5, 1.5]), blocks=2)).double()
    u = noise(2, 30)
    expected = u.numpy()
    for network in made.networks():
        expected = network.compile("numpy")(expected)
    np.testing.assert_allclose(made(u).detach(), expected, atol=1e-13)


@pytest.mark.parametrize("knots", [4, [0.25, 0.5, 1.5]])
@pytest.mark.parametrize("wild", [np.nan, np.inf, -np.inf])
def test_plain_torch_passes_on_what_is_no_number(knots, wild):
    made, u = DiffusionNetwork(SplineActivation(knots), backend="torch").double(), noise(9)
    u[2] = wild
    assert made(u).isfinite().tolist() == [True] + 3 * [False] + 5 * [True]


def test_a_checkpoint_of_another_layout_changes_nothing():
    saved = scrambled(DiffusionNetwork(SplineActivation(5, constraint="monotone"), blocks=2))
    others = [
        DiffusionNetwork(SplineActivation(5), blocks=2),
        DiffusionNetwork(SplineActivation(6, constraint="monotone"), blocks=2),
        DiffusionNetwork(SplineActivation(5, reach=2.0, constraint="monotone"), blocks=2),
        DiffusionNetwork("soft", blocks=2),
    ]
    for other in others:
        before = copy.deepcopy(other.state_dict())
        with pytest.raises(NonlinearityError, match=r"another module.*constraint='monotone'.*this one is"):
            other.load_state_dict(saved.state_dict())
        for name, value in other.state_dict().items():
            assert isinstance(value, str) or torch.equal(value, before[name])
    again = DiffusionNetwork(SplineActivation(5, constraint="monotone"), blocks=2)
    again.load_state_dict(saved.state_dict())
    u = noise(2, 9, dtype=torch.float32)
    torch.testing.assert_close(again(u), saved(u))
    with pytest.raises(
        NonlinearityError, match=r"SplineActivation\(5 knots up to 1, constraint=.max-min., channels=None"
    ):
        SplineActivation(5, channels=2).load_state_dict(SplineActivation(5).state_dict())
    block = SymmetricBlock(torch.ones(1, 1, 3), "soft")
    with pytest.raises(NonlinearityError, match=r"filters of shape \(1, 1, 3\)"):
        SymmetricBlock(torch.ones(2, 1, 3), "soft").load_state_dict(block.state_dict())


@pytest.mark.parametrize("make", [lambda: SplineActivation(3), lambda: SymmetricBlock(torch.ones(1, 1, 3), "soft")])
def test_tensors_that_do_not_fit_are_told_how_to(make):
    module, u = make(), torch.ones(2, 1, 5)
    given = {
        "torch.float16; give u.float()": u.half(),
        "torch.int64; give u.float()": u.long(),
        "take module.to(torch.float64)": u.double(),
        'on meta, the module on cpu: module.to("meta")': u.to("meta"),
        "is a ndarray; give torch.as_tensor": u.numpy(),
        "sparse_coo; give signal.to_dense()": u.to_sparse(),
    }
    for words, wrong in given.items():
        with pytest.raises(NonlinearityError) as error:
            module(wrong)
        assert words in str(error.value)


def test_a_network_of_one_spline_is_a_network_and_one_of_many_says_that_it_is_none():
    spline = SplineActivation(5, [0.2, 0.3, 0.3, 0.2, 0.1])
    shared = DiffusionNetwork(spline, blocks=3, shared=True).double()
    network, values = shared.to_network()
    u = torch.linspace(-1, 2, 20, dtype=torch.float64).sin()
    np.testing.assert_allclose(network.compile("numpy")(u.numpy(), **values), shared(u).detach(), atol=1e-12)
    with pytest.raises(NonlinearityError, match=r"3 blocks has a spline of its own.*networks"):
        DiffusionNetwork(spline, blocks=3).to_network()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("h", [1, (1, 1)])
@pytest.mark.parametrize("knots", [40, 1000, [0.1, 0.2, 0.21, 0.7, 1.5]])
def test_rounding_beside_a_knot_does_not_lead_out_of_the_range(knots, h, dtype):
    """Phi falls from r to 0 within one piece, and next to where it is 0 both terms of Phi(r)/r cancel."""
    made = DiffusionNetwork(SplineActivation(knots, reach=1.5), h=h, backend="torch").to(dtype)
    spline = made.splines[0]
    spline.parametrizations.rates.original.data = (
        1e4 * torch.tensor([1.0, -1.0]).to(dtype)[torch.arange(spline.rates.shape[-1]) % 4 // 2]
    )
    made.parametrizations.tau_share.original.data.fill_(40)
    eps = torch.finfo(dtype).eps
    r = (spline.knots * (1 + eps * torch.arange(-8, 9, dtype=dtype))[:, None]).flatten()
    rates = spline(r) / r
    assert bool((rates >= 0).all())
    assert bool((rates <= 1).all())
    u = torch.zeros(len(r), *[3] * made._axes, dtype=dtype)
    u[(slice(None), *[1] * made._axes)] = r
    assert bool((made(u) >= 0).all())
    assert bool((made(u).flatten(1).amax(1) <= r).all())


@pytest.mark.parametrize(
    ("knots", "options", "words"),
    [
        (-3, {}, "knots = -3 must be a whole number"),
        (True, {}, "knots = True must be a whole number"),
        (2.5, {}, "knots = 2.5 must be a whole number"),
        ([0.5, 0.5 + 1e-9], {}, "not different places in torch.float32"),
        ([1e-50, 1.0], {}, "not different places in torch.float32"),
        (4, {"reach": 1e39}, "not different places in torch.float32"),
        (4, {"reach": 1e-45}, "not different places in torch.float32"),
    ],
)
def test_knots_are_places_in_the_type_of_the_module(knots, options, words):
    with pytest.raises(NonlinearityError, match=words):
        SplineActivation(knots, **options)


def test_knots_stay_different_places_in_another_type():
    fine = torch.tensor([0.5, 0.5 + 1e-9, 1.0], dtype=torch.float64)
    torch.set_default_dtype(torch.float64)
    try:
        spline, even = SplineActivation(fine), SplineActivation(3)
    finally:
        torch.set_default_dtype(torch.float32)
    with pytest.raises(NonlinearityError, match=r"not different places in torch.float32; leave .* in torch.float64"):
        spline.float()
    assert spline.knots.dtype == spline.rates.dtype == torch.float64
    assert even.float().knots.dtype == torch.float32
    assert spline.to("meta").to_empty(device="cpu").knots.dtype == torch.float64


@pytest.mark.parametrize("size", [0.0, 1e-30, 1e-12, 1.0])
def test_filters_that_vanish_have_finite_gradients(size):
    block, u = SymmetricBlock(size * torch.ones(2, 1, 3), "charbonnier"), torch.linspace(-1, 1, 12).reshape(1, 1, 12)
    v = block(u)
    v.square().sum().backward()
    assert v.norm() <= u.norm()
    assert all(torch.isfinite(parameter.grad).all() for parameter in block.parameters())
