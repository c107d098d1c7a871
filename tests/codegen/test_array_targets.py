"""The modules for PyTorch and JAX: function and gradients of the NumPy kernel, and what their users do with them."""

import numpy as np
import pytest

import symtrans as st
from symtrans import Activation, Network, NonlinearityError, catalogue
from symtrans.catalogue import TABLE_3
from symtrans.cli.golden import BLOCKS as GOLDEN_BLOCKS
from symtrans.codegen.targets.loading import namespace_of
from tests.codegen.test_kernels import OTHERS, assert_close, model, rng, values_of

TARGETS = ("torch", "jax")
BLOCKS = 3
# torch.compile makes one of itself
pytestmark = pytest.mark.filterwarnings("ignore:.*should not be instantiated:DeprecationWarning")


@pytest.fixture
def library():
    """Imports a library or skips; JAX in double."""

    def needed(name):
        found = pytest.importorskip(name)
        if name == "jax":
            found.config.update("jax_enable_x64", True)
        return found

    return needed


def module_of(network, target, dtype="float64"):
    """The names of the generated file, and its function."""
    names = namespace_of(network.source(target, dtype))
    return names, names[f"{network.name}_f{dtype[-2:]}"]


@pytest.mark.parametrize(("dtype", "boundary", "h"), [("float64", "reflecting", 1), ("float32", "periodic", "1/2")])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", TABLE_3)
def test_they_agree_with_the_model(library, name, target, dtype, boundary, h):
    library(target)
    kernel = Network(st.catalogue[name], BLOCKS, h=h, boundary=boundary).compile(target, dtype)
    for samples in (1, 40):
        u = (rng(samples).integers(-16, 17, (2, samples)) / 8).astype(dtype)
        found = kernel(u, **values_of(kernel.network))
        assert found.dtype == kernel.dtype
        assert_close(found, model(kernel, u, **values_of(kernel.network)), kernel, u)


CHOSEN = {"torch": [*OTHERS, "scad", "morita", "erf"], "jax": ["dead zone", "isolated value", "late root", "odd root"]}


@pytest.mark.parametrize(("target", "name"), [(target, name) for target in TARGETS for name in CHOSEN[target]])
def test_every_kind_of_branch(library, name, target):
    """Values and gradients of the NumPy kernel at ordinary, extreme and broken places, and where a flux has a break."""
    library(target)
    made = Network(OTHERS.get(name, name), 1, tau="1/8", unstable="allow")
    u = np.array([0.0, 0.0, 1.0, 3.0, 1.0, -1.0, 0.5, 1e-300, 1e-8, 1e9, -3.0, 2.0, 1e150, 0.0, np.nan, 7.0])
    w = rng(1).normal(size=u.size)
    one, other = made.compile("numpy"), made.compile(target)
    values = {key: 0.75 + k / 8 for k, key in enumerate(values_of(made))}
    np.testing.assert_allclose(other(u, **values), one(u, **values), rtol=1e-13, atol=1e-300)
    (grad, by), (own_grad, own_by) = one.vjp(u[:12], w[:12], **values), other.vjp(u[:12], w[:12], **values)
    np.testing.assert_allclose(own_grad, grad, rtol=1e-11, atol=1e-13)
    for key in values:
        np.testing.assert_allclose(own_by[key], by[key], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("target", TARGETS)
def test_a_bound_as_large_as_the_type_is_a_number_of_it(library, target):
    """Powers by a parameter are cut off there."""
    library(target)
    made = Network(Activation("r exp(-(|r|/a)^p)"), 1, tau="1/8", unstable="allow")
    u, w = np.array([0, 2, 0, 1e30], np.float32), np.array([1, 0, -1, 1], np.float32)
    (grad, by), (own_grad, own_by) = (
        made.compile(name, "float32").vjp(u, w, a=1.5, p=1.5) for name in ("numpy", target)
    )
    np.testing.assert_allclose(own_grad, grad, rtol=1e-6)
    for key, value in by.items():
        np.testing.assert_allclose(own_by[key], value, rtol=1e-5)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(("name", "boundary"), [("perona-malik", "periodic"), ("truncated-tv", "reflecting")])
def test_gradients_by_layers_step_and_grid_size(library, name, target, boundary):
    library(target)
    made = Network(st.catalogue[name], BLOCKS, "tau", "h", boundary, unstable="allow")
    layers = {key: np.linspace(0.6, 0.8, BLOCKS) / (1 + k) for k, key in enumerate(values_of(made))}
    u, w = rng(2).normal(size=(2, 2, 40))
    grad, by = made.compile("numpy").vjp(u, w, **layers)
    own_grad, own_by = made.compile(target).vjp(u, w, **layers)
    np.testing.assert_allclose(own_grad, grad, rtol=1e-11, atol=1e-13)
    for key in layers:
        np.testing.assert_allclose(own_by[key], by[key], rtol=1e-10)


GRIDS = {
    "image": ((2, 5, 6), {"h": (1, "1/2")}),
    "torus": ((2, 4, 5), {"h": (1, 2), "boundary": "periodic"}),
    "edges": ((4, 6), {"h": (1, "1/2"), "coupling": "separable"}),
    "volume": ((3, 4, 5), {"h": (1, "1/2", 2)}),
    "colours": ((2, 3, 4, 5), {"h": (1, 1), "channels": True}),
    "channels of signals": ((2, 3, 9), {"channels": True}),
    "thin": ((1, 5), {"h": (1, 1)}),
    "cycles": ((4, 6), {"h": (1, 1), "scheme": "fsi", "cycle": 3}),
    "cycles of signals": ((2, 9), {"scheme": "fsi", "cycle": 3, "boundary": "periodic"}),
}


@pytest.mark.parametrize(
    ("target", "grid", "name"),
    [(t, grid, "perona-malik") for t in TARGETS for grid in GRIDS if t == "torch" or grid in ("colours", "cycles")]
    + [("torch", "volume", "truncated-bfb"), ("torch", "image", "truncated-quadratic"), ("torch", "edges", "soft")],
)
def test_grids_of_more_axes(library, target, grid, name):
    """Values and gradients of the NumPy kernel."""
    library(target)
    shape, options = GRIDS[grid]
    made = Network(st.catalogue[name], 2, **options)
    u, w = rng(7).normal(size=(2, *shape))
    values = {key: [0.5, 0.7] for key in values_of(made)}
    one, other = made.compile("numpy"), made.compile(target)
    np.testing.assert_allclose(other(u, **values), one(u, **values), rtol=1e-12, atol=1e-14)
    (grad, by), (own_grad, own_by) = one.vjp(u, w, **values), other.vjp(u, w, **values)
    np.testing.assert_allclose(own_grad, grad, rtol=1e-10, atol=1e-12)
    for key in values:
        np.testing.assert_allclose(own_by[key], by[key], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("target", TARGETS)
def test_clamping_keeps_the_range_and_the_gradient(library, target):
    library(target)
    made = Network(st.catalogue["perona-malik"], BLOCKS)
    u, w = rng(3).normal(size=(2, 5)).astype("float32")
    free, clamped = made.compile(target, "float32"), made.compile(target, "float32", clamp=True)
    np.testing.assert_allclose(clamped.vjp(u, w, lam=1.0)[0], free.vjp(u, w, lam=1.0)[0], rtol=1e-4, atol=1e-6)
    tall = np.array([0, 1e30, 0, -1e30, 5], "float32")
    np.testing.assert_allclose(clamped(tall, lam=1e29), free(tall, lam=1e29), rtol=1e-6)
    for _ in range(20):
        after = clamped(tall, lam=1e29)
        assert tall.min() <= after.min()
        assert after.max() <= tall.max()
        tall = after


@pytest.mark.parametrize("name", TABLE_3)
def test_torch_differentiates_twice_and_maps(library, name):
    torch = library("torch")
    _, function = module_of(Network(st.catalogue[name], 2), "torch")
    values = [torch.tensor(0.75 + 0.1 * k, dtype=torch.float64) for k, _ in enumerate(values_of(st.catalogue[name]))]
    u = torch.tensor(rng(4).normal(size=(2, 5)))
    inputs = [one.requires_grad_() for one in (u, *values)]
    assert torch.autograd.gradcheck(function, inputs, check_forward_ad=True, check_batched_forward_grad=True)
    assert torch.autograd.gradgradcheck(function, inputs)
    mapped = torch.vmap(function, (0, *[None] * len(values)))(*inputs)
    torch.testing.assert_close(mapped, function(*inputs))


@pytest.mark.parametrize("options", [{}, {"h": (1, 1), "channels": True}])
def test_torch_goes_forwards_where_it_clamps(library, options):
    torch = library("torch")
    made = Network(st.catalogue["charbonnier"], 2, **options)
    function = namespace_of(made.source("torch", clamp=True))[f"{made.name}_f64"]
    u, lam = torch.tensor(rng(4).normal(size=(2, 3, 3))), torch.tensor(0.5, dtype=torch.float64)
    forth, back = (take(function, argnums=(0, 1))(u, lam) for take in (torch.func.jacfwd, torch.func.jacrev))
    torch.testing.assert_close(forth, back)


def test_torch_compiles(library):
    torch = library("torch")
    _, function = module_of(Network(st.catalogue["truncated-bfb"], 2), "torch")
    u, theta = torch.tensor(rng(4).normal(size=(2, 5))), torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    whole = torch.compile(function, fullgraph=True, backend="aot_eager")
    by = [torch.autograd.grad(each(u, theta).square().sum(), theta)[0] for each in (whole, function)]
    torch.testing.assert_close(*by)


def test_a_torch_module_learns(library):
    torch = library("torch")
    names, function = module_of(Network(st.catalogue["perona-malik"], 2), "torch", "float32")
    module = names["PeronaMalikF32"](lam=[0.5, 2.0])
    torch.testing.assert_close(module.lam, torch.tensor([0.5, 2.0]))
    u = torch.tensor(rng(5).normal(size=(4, 30)), dtype=torch.float32)
    torch.testing.assert_close(module(u), function(u, torch.tensor([0.5, 2.0])))
    for _ in range(3):  # whatever training does, lambda stays positive and everything finite
        for free in module.parameters():
            free.data.mul_(1e3)
        loss = module(u).square().sum()
        module.zero_grad()
        loss.backward()
        assert all(p.grad.isfinite().all() for p in module.parameters())
        assert (module.lam > 0).all()
        assert loss.isfinite()
    assert not [p for p in names["PeronaMalikF32"](0.5, learnable=False).parameters() if p.requires_grad]
    with pytest.raises(ValueError, match=r"^-1\.0 is to be learned as a positive number, between"):
        names["PeronaMalikF32"](-1.0)
    with pytest.raises(TypeError, match=r"torch\.float16.*u\.to\(torch\.float32\)"):
        module(u.half())
    assert module(u[:, :0]).shape == (4, 0)


def test_jax_differentiates_twice_and_maps(library):
    jax = library("jax")
    _, function = module_of(Network(st.catalogue["truncated-bfb"], 2), "jax")
    u = rng(6).normal(size=9)

    def total(u, theta):
        return (function(u, theta) ** 2).sum()

    first = jax.jit(jax.grad(total))
    by_hand = (first(u + 1e-6, 0.7) - first(u - 1e-6, 0.7)) / 2e-6
    np.testing.assert_allclose(jax.jit(jax.hessian(total))(u, 0.7).sum(1), by_hand, rtol=1e-5, atol=1e-7)
    many = np.stack([u, 2 * u])
    mapped = jax.jit(jax.vmap(function, (0, None)))(many, 0.7)
    np.testing.assert_allclose(mapped, jax.jit(function)(many, 0.7), rtol=1e-14)
    with pytest.raises(TypeError, match=r"float32.*float64"):
        function(u.astype("float32"), 0.7)


@pytest.mark.parametrize("target", TARGETS)
def test_files_stand_alone_and_say_what_they_are(target):
    for name in TABLE_3:
        (text,) = Network(st.catalogue[name], GOLDEN_BLOCKS).source(target).values()
        compile(text, name, "exec")
        lines = text.splitlines()
        imported = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("import ", "from "))}
        assert imported == {target}
        assert f"--target {target}" in text
        assert "proved: min f <= u <= max f" in text
        assert "\n\n\n\n" not in text
        assert max(map(len, lines)) < 140


def test_without_the_library_the_source_is_there(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torch", None)
    made = Network(st.catalogue["soft"], 2)
    assert "class SoftF64" in made.source("torch")["soft_f64.py"]
    with pytest.raises(ImportError, match="pip install torch"):
        made.compile("torch")


def test_jax_that_computes_in_single_precision_is_asked_for_double(library):
    jax = library("jax")
    kernel = Network(catalogue["soft"]).compile("jax")
    jax.config.update("jax_enable_x64", False)
    try:
        with pytest.raises(NonlinearityError, match="jax_enable_x64"):
            kernel(np.zeros(5), theta=1)
        with pytest.raises(NonlinearityError, match="jax_enable_x64"):
            kernel.vjp(np.zeros(5), np.zeros(5), theta=1)
        assert (
            Network(catalogue["soft"]).compile("jax", dtype="float32")(np.zeros(5, "f4"), theta=1).dtype == np.float32
        )
    finally:
        jax.config.update("jax_enable_x64", True)


@pytest.mark.parametrize("name", ["soft", "constant"])
@pytest.mark.parametrize("options", [{}, {"h": (1, 1)}, {"h": (1, 1), "channels": True}, {"scheme": "fsi", "cycle": 3}])
@pytest.mark.parametrize("target", TARGETS)
def test_arrays_without_samples_and_without_axes(library, target, options, name):
    """The gradients of nothing are 0, as a last batch may need them; too few axes are said to be so."""
    made = library(target)
    network = Network(name, BLOCKS, **options)
    _, run = module_of(network, target)
    values = values_of(network)
    axes = network.grid.axes
    for shape in [(0, *[4] * axes), (2, *[4] * (axes - 1), 0)]:
        if target == "jax":
            u = made.numpy.zeros(shape)
            by = made.grad(lambda given, u=u: run(u, **given).sum())(values)
            assert run(u, **values).shape == shape
            assert not any(by.values())
        else:
            u = made.zeros(shape, dtype=made.float64, requires_grad=True)
            given = {key: made.tensor(value, dtype=made.float64, requires_grad=True) for key, value in values.items()}
            found = run(u, **given)
            found.sum().backward()
            assert found.shape == shape
            assert not any(one.grad.any() for one in (u, *given.values()))
    few = np.zeros((4,) * (axes - 1))
    with pytest.raises(TypeError, match=r"u has the shape \(.*filters \(\.\.\., .*N"):
        run(made.tensor(few) if target == "torch" else made.numpy.asarray(few), **values)


def test_an_option_of_one_value_is_said_to_be_that():
    with pytest.raises(NonlinearityError, match="threads = 3 must be 1 for target 'numpy'"):
        Network("soft").compile("numpy", threads=3)
