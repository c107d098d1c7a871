"""C kernels, NumPy kernels and the plain model are one function, on every shape, parameter and extreme value."""

import shutil

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings

import symtrans as st
from symtrans import Activation, Diffusivity, Network, NonlinearityError, StabilityError
from symtrans.catalogue import TABLE_3
from symtrans.language.symbols import keyword_of
from symtrans.models import diffusion_step
from tests.strategies import signals
from tests.turns import in_turns

needs_compiler = pytest.mark.skipif(not any(map(shutil.which, ("cc", "gcc", "clang"))), reason="no C compiler")
TARGETS = [pytest.param("c", marks=needs_compiler), "numpy"]
DTYPES = ("float64", "float32")
BOUNDARIES = ("reflecting", "periodic")
JUMPS = ("truncated-quadratic",)
SMOOTH = ("constant", "charbonnier", "perona-malik")
BLOCKS = 3


def compiled(name, target, *others):
    """Whether a case costs a run of the compiler."""
    return target == "c"


def values_of(nonlinearity, value=0.75):
    return {keyword_of(symbol): value for symbol in nonlinearity.parameters}


def rng(seed=0):
    return np.random.default_rng(seed)


_kernels = {}


def kernel_of(name, target="numpy", dtype="float64", blocks=BLOCKS, h=1, boundary="reflecting", clamp=None, **options):
    """Kernels of the catalogue, each made once."""
    key = (name, target, dtype, blocks, h, boundary, clamp, *options.items())
    if key not in _kernels:
        network = Network(st.catalogue[name], blocks, h=h, boundary=boundary, **options)
        _kernels[key] = network.compile(target, dtype, clamp=clamp)
    return _kernels[key]


def model(kernel, u, **parameters):
    """The same blocks by `diffusion_step`, in float64."""
    network = kernel.network
    u = np.asarray(u, dtype=np.float64)
    for _ in range(network.blocks):
        u = diffusion_step(
            u, network.activation, float(network.tau), float(network.h), boundary=network.boundary, **parameters
        )
    return u


def assert_close(found, expected, kernel, u):
    """Equal to rounding: a few units of the last place of max|u| a block."""
    info = np.finfo(kernel.dtype)
    size = float(np.max(np.abs(u), initial=0.0))
    tolerance = kernel.network.blocks * (64 * float(info.eps) * size + 16 * float(info.smallest_subnormal))
    np.testing.assert_allclose(np.asarray(found, np.float64), expected, rtol=0, atol=tolerance)


# ---------------------------------------------------------------------------
# Kernels against the model


@pytest.mark.as_shipped
@pytest.mark.parametrize(
    ("name", "target", "dtype", "ends"),
    in_turns(TABLE_3, TARGETS, DTYPES, [("reflecting", 1), ("periodic", "1/2")], costly=compiled),
)
def test_kernels_agree_with_the_model(name, target, dtype, ends):
    boundary, h = ends
    kernel = kernel_of(name, target, dtype, h=h, boundary=boundary)
    parameters = values_of(kernel.network)
    # 257 and 513 cross the strips in which the C kernel works
    for samples in (1, 2, 3, 5, 255, 256, 257, 512, 513):
        # in steps of 1/8 no difference lies near the jump at 0.75 sqrt(2), in either precision
        u = (rng(samples).integers(-16, 17, samples) / 8).astype(dtype)
        before = u.copy()
        found = kernel(u, **parameters)
        assert found.dtype == kernel.dtype
        assert found.shape == u.shape
        assert_close(found, model(kernel, u, **parameters), kernel, u)
        np.testing.assert_array_equal(u, before)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", [n for n in TABLE_3 if n not in JUMPS])
@given(data=signals(max_size=12))
def test_random_and_extreme_signals(name, target, dtype, data):
    kernel = kernel_of(name, target, dtype)
    u = data.astype(dtype)
    with np.errstate(over="ignore"):  # in float32 the square of 1e30 overflows, and the result is right
        found = kernel(u, **values_of(kernel.network))
    assert np.all(np.isfinite(found))
    assert_close(found, model(kernel, u, **values_of(kernel.network)), kernel, u)


@needs_compiler
@pytest.mark.parametrize("name", TABLE_3)
@given(u=signals(max_size=12))
def test_c_and_numpy_agree_at_a_jump_too(name, u):
    """Both compare the same difference with the same threshold, so not even a jump parts them."""
    one, other = kernel_of(name, "c"), kernel_of(name, "numpy")
    parameters = values_of(one.network)
    assert_close(one(u, **parameters), other(u, **parameters), one, u)


OTHERS = {  # every kind of branch, guard and function that a flux can have
    "dead zone": Activation("Max(|r| - 1, 0)*sgn(r)"),
    "sign": Activation("sgn(r)"),
    "isolated value": Activation("Piecewise((3 r, |r| == 1), (r, otherwise))"),
    "closed outside": Activation("Piecewise((r, |r| < 1), (r/2, otherwise))"),
    "three pieces": Activation("Piecewise((r, |r| <= 1), (2 sgn(r) - r, |r| <= 2), (0, otherwise))"),
    "odd root": Activation("sgn(r) sqrt(|r|)"),
    "logarithm": Activation("sgn(r) ln(1 + |r|)"),
    "late logarithm": Activation("Piecewise((0, |r| <= 1), (sgn(r) ln(|r|), otherwise))"),
    "late root": Activation("Piecewise((0, |r| <= 1), (sgn(r) sqrt(r^2 - 1), otherwise))"),
    "early root": Activation("Piecewise((r sqrt(1 - r^2), |r| <= 1), (0, otherwise))"),
    "early arcsine": Activation("Piecewise((asin(r), |r| <= 1), (sgn(r), otherwise))"),
    "trigonometric": Activation("sin(r)"),
    "hyperbolic": Activation("tanh(2 r)"),
    "inverse": Activation("atan(r/a)"),
    "power": Activation("r/(1 + r^2)^(7/3)"),
    "high power": Activation("r/(1 + r^12)"),
}


@pytest.mark.parametrize(("name", "target", "dtype"), in_turns(OTHERS, TARGETS, DTYPES, costly=compiled))
def test_other_nonlinearities(name, target, dtype):
    network = Network(OTHERS[name], tau="1/8", unstable="allow")
    kernel = network.compile(target, dtype)
    parameters = values_of(network, 2.0)
    # every difference is exact, and many are -2, -1, 0, 1 or 2, where pieces meet
    u = np.cumsum(np.array([0, 0, 1, -1, 2, -2, 3, 0.5, -0.5, 1.25, 100, -100, 0])).astype(dtype)
    found = kernel(u, **parameters)
    assert np.all(np.isfinite(found))
    assert_close(found, model(kernel, u, **parameters), kernel, np.maximum(np.abs(u), 1))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", ["truncated-tv", "truncated-bfb", "truncated-quadratic"])
@pytest.mark.parametrize("h", [1, "1/2"])
@pytest.mark.parametrize("theta", [1.0, 0.3, 7.25])
def test_at_a_break_the_inner_piece_holds(target, name, h, theta):
    """|r| <= sqrt(2) theta: at the last float that is not above, and at the next one."""
    kernel = kernel_of(name, target, blocks=1, h=h)
    size = 1.0 if h == 1 else 0.5
    place = np.sqrt(2.0) * theta
    for slope, outside in ((place, False), (np.nextafter(place, np.inf), True), (np.nextafter(place, 0), False)):
        for sign in (1.0, -1.0):
            jump = sign * slope * size
            flux = jump / 4 if not (outside and name == "truncated-quadratic") else 0.0
            found = kernel([0.0, jump], theta=theta)
            np.testing.assert_allclose(found, [flux, jump - flux], rtol=1e-15)
            np.testing.assert_allclose(found, model(kernel, [0.0, jump], theta=theta), rtol=1e-15)


# ---------------------------------------------------------------------------
# Shapes and layouts


@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("target", TARGETS)
def test_every_shape_and_layout(target, boundary):
    kernel = kernel_of("charbonnier", target, boundary=boundary)
    grid = rng().normal(size=(4, 3, 10))
    read_only = grid.copy()
    read_only.flags.writeable = False
    shifted = np.frombuffer(b"x" + grid.tobytes(), dtype=np.uint8)[1:].view(np.float64).reshape(grid.shape)
    layouts = [
        grid,
        grid[0],
        grid[0, 0],
        grid[None],
        grid[..., ::2],
        grid[..., ::-1],
        grid[::-1, ::2],
        grid.transpose(2, 1, 0),
        np.asfortranarray(grid),
        np.broadcast_to(grid[0, 0], (5, 10)),
        read_only,
        shifted,
        grid.astype(np.float32),
        grid.astype(">f8"),
        (100 * grid).astype(np.int16),
        grid > 0,
        grid.tolist(),
        np.zeros((0,)),
        np.zeros((3, 0)),
        np.zeros((0, 5)),
        np.zeros((2, 0, 5)),
    ]
    for u in layouts:
        before = np.array(u)
        found = kernel(u, lam=0.5)
        assert found.shape == before.shape
        assert found.dtype == np.float64
        np.testing.assert_array_equal(u, before)
        flat = before.reshape(-1, before.shape[-1]) if before.size else []
        for row, expected in zip(found.reshape(-1, found.shape[-1]) if before.size else [], flat, strict=True):
            np.testing.assert_array_equal(row, kernel(expected.copy(), lam=0.5))


@pytest.mark.parametrize("target", TARGETS)
def test_out_and_in_place(target):
    kernel = kernel_of("perona-malik", target)
    u = rng().normal(size=(3, 300))
    expected = kernel(u, lam=0.5)
    for out in (
        np.full((3, 300), np.nan),
        np.full((3, 600), np.nan)[:, ::2],
        np.full((3, 300), np.nan)[:, ::-1],
        np.asfortranarray(np.full((3, 300), np.nan)),
        np.frombuffer(bytearray(3 * 300 * 8 + 1), np.uint8)[1:].view(np.float64).reshape(3, 300),
    ):
        before = u.copy()
        assert kernel(u, out=out, lam=0.5) is out
        np.testing.assert_array_equal(out, expected)
        np.testing.assert_array_equal(u, before)
    for own in (u.copy(), np.asfortranarray(u), np.repeat(u, 2, axis=-1)[:, ::2]):
        assert kernel(own, out=own, lam=0.5) is own
        np.testing.assert_array_equal(own, expected)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("shift", [1, 7, -1, -300])
def test_an_overlapping_out_is_as_good_as_any(target, shift):
    kernel = kernel_of("perona-malik", target)
    buffer = rng().normal(size=1000)
    u, out = buffer[300:900], buffer[300 + shift : 900 + shift] if shift < 100 else buffer[:600]
    expected = kernel(u.copy(), lam=0.5)
    np.testing.assert_array_equal(kernel(u, out=out, lam=0.5), expected)
    backwards = rng().normal(size=50)
    expected = kernel(backwards[::-1].copy(), lam=0.5)
    np.testing.assert_array_equal(kernel(backwards[::-1], out=backwards, lam=0.5), expected)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("u", "out", "words"),
    [
        (1.0, None, "axis"),
        ([1j, 0], None, "complex"),
        (["a"], None, "real numbers"),
        ([None], None, "real numbers"),
        (np.ma.masked_greater([1.0, 9.0], 5), None, r"masked .* \.filled"),
        (np.zeros(3), np.zeros(4), "shape"),
        (np.zeros(3), np.zeros((1, 3)), "shape"),
        (np.zeros(3), np.zeros(3, np.float32), "float64"),
        (np.zeros(3), np.zeros(3, int), "float64"),
        (np.zeros(3), [0.0, 0.0, 0.0], "list"),
        (np.zeros(3), np.broadcast_to(0.0, 3), "read-only"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(target, u, out, words):
    with pytest.raises(NonlinearityError, match=words):
        kernel_of("charbonnier", target)(u, out=out, lam=1.0)


# ---------------------------------------------------------------------------
# Values that are not finite


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", TABLE_3)
def test_nan_and_infinity_stay_within_the_stencil(name, target, dtype, boundary, bad):
    kernel = kernel_of(name, target, dtype, boundary=boundary)
    parameters = values_of(kernel.network)
    samples = 300
    u = (rng(4).integers(-16, 17, samples) / 8).astype(dtype)
    for place in (0, 128, 255, 256, 299):
        spoilt = u.copy()
        spoilt[place] = bad
        distance = np.abs(np.arange(samples) - place)
        if boundary == "periodic":
            distance = np.minimum(distance, samples - distance)
        with np.errstate(invalid="ignore", over="ignore"):  # inf - inf is the caller's own
            found = kernel(spoilt, **parameters)
        far = distance > BLOCKS
        np.testing.assert_array_equal(found[far], kernel(u, **parameters)[far])
        assert not np.isfinite(found[place])


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", OTHERS)
def test_nan_is_never_swallowed(name, target):
    network = Network(OTHERS[name], tau="1/8", unstable="allow")
    found = network.compile(target)([0.0, 1.0, np.nan, 1.0, 0.0, 1.0], **values_of(network))
    np.testing.assert_array_equal(np.isnan(found), [False, True, True, True, False, False])


# ---------------------------------------------------------------------------
# Parameters


@pytest.mark.parametrize("target", TARGETS)
def test_parameters_are_given_at_call_time(target):
    kernel = kernel_of("perona-malik", target)
    u = rng().normal(size=20)
    for value in (0.1, 1, np.float32(2), sp.Rational(1, 3)):
        expected = model(kernel, u, lam=float(value))
        assert_close(kernel(u, lam=value), expected, kernel, u)
    assert not np.allclose(kernel(u, lam=0.1), kernel(u, lam=1))


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({}, "lam"),
        ({"lam": 1.0, "theta": 1.0}, "theta"),
        ({"theta": 1.0}, "theta"),
        ({"lam": 0.0}, "positive"),
        ({"lam": -1.0}, "positive"),
        ({"lam": np.nan}, "finite"),
        ({"lam": np.inf}, "finite"),
        ({"lam": "x"}, "number"),
        ({"lam": [1.0, 2.0]}, "number"),
        ({"lam": None}, "number"),
    ],
)
def test_wrong_parameters_are_explained(target, parameters, words):
    kernel = kernel_of("perona-malik", target)
    with pytest.raises(NonlinearityError, match=words):
        kernel([0.0, 1.0], **parameters)
    with pytest.raises(NonlinearityError, match=words):
        kernel.vjp([0.0, 1.0], [1.0, 1.0], **parameters)


@pytest.mark.parametrize("target", TARGETS)
def test_symbolic_tau_and_h(target):
    family = st.catalogue["perona-malik"]
    tau, h = sp.Symbol("tau"), sp.Symbol("h")
    network = Network(family, BLOCKS, tau, h)
    assert set(map(str, network.parameters)) == {"h", "lambda", "tau"}
    kernel = network.compile(target)
    u = rng().normal(size=15)
    fixed = Network(family, BLOCKS, "1/10", "1/2").compile(target)
    assert_close(kernel(u, lam=0.7, tau=0.1, h=0.5), fixed(u, lam=0.7), kernel, u)
    kernel(u, lam=0.7, tau=0.125, h=0.5)  # h^2/2, the bound itself
    with pytest.raises(StabilityError, match=r"0\.125"):
        kernel(u, lam=0.7, tau=0.1251, h=0.5)
    text = Network(family, BLOCKS, "tau", "h").compile(target)
    np.testing.assert_array_equal(text(u, lam=0.7, tau=0.1, h=0.5), kernel(u, lam=0.7, tau=0.1, h=0.5))


@pytest.mark.parametrize("target", TARGETS)
def test_names_of_parameters_may_be_words_of_the_language(target):
    x = sp.Symbol("x")
    widths = [sp.Symbol(name) for name in ("double", "r", "u", "step", "flux", "c0", "np", "I", "f")]
    network = Network(Diffusivity(sp.exp(-(x**2) / sum(w**2 for w in widths)), variable=x), tau="1/4")
    u = rng().normal(size=10)
    p = np.diff(u)
    expected = u + 0.25 * np.diff(np.concatenate([[0], p * np.exp(-(p**2) / 4), [0]]))
    values = {keyword_of(symbol): 2 / 3 for symbol in network.parameters}
    assert len(values) == 9
    np.testing.assert_allclose(network.compile(target)(u, **values), expected, atol=1e-15)
    # as a keyword this is the array; the source must compile all the same
    Network(Diffusivity("exp(-r^2/out^2)"), tau="1/4").compile(target)


# ---------------------------------------------------------------------------
# Stability


def test_unstable_networks_are_refused():
    family = st.catalogue["perona-malik"]
    Network(family, tau="1/2")
    Network(family, tau="9/2", h=3)
    for tau, h in (("3/4", 1), ("1/2", "1/2"), (0.5000001, 1)):
        with pytest.raises(StabilityError, match="above the largest stable step"):
            Network(family, tau=tau, h=h)
        assert Network(family, tau=tau, h=h, unstable="allow").compile("numpy")([0.0, 1.0], lam=1.0).shape == (2,)


@pytest.mark.parametrize("tau", [None, "1/1000000"])
def test_no_step_is_stable_for_an_unbounded_or_negative_diffusivity(tau):
    for unbounded in (st.catalogue["tv"], Diffusivity("1/|r|"), Activation("-r"), Activation("r^3")):
        with pytest.raises(StabilityError):
            Network(unbounded, tau=tau)
        Network(unbounded, tau="1/8", unstable="allow")


def test_a_bound_that_is_not_known_is_refused():
    with pytest.raises(StabilityError, match="no stable step is known"):
        Network(Activation("r*(2 + cos(r)*cos(sqrt(2)*r))"), tau="1/100")
    Network(Activation("r*(2 + cos(r)*cos(sqrt(2)*r))"), tau="1/100", unstable="allow")


@pytest.mark.parametrize("target", TARGETS)
def test_a_bound_with_parameters_is_checked_at_the_call(target):
    kernel = Network(Diffusivity("a exp(-r^2)"), tau="1/4").compile(target)
    u = rng().normal(size=5)
    kernel(u, a=1)
    kernel(u, a=2)  # 1/4 = 1/(2 a) is stable
    for value in (2.0001, 3):
        with pytest.raises(StabilityError, match="a = "):
            kernel(u, a=value)
    Network(Diffusivity("a exp(-r^2)"), tau="1/4", unstable="allow").compile(target)(u, a=3)
    own = Network(Diffusivity("a exp(-r^2)")).compile(target)  # tau = 1/(4 a) moves with the parameter
    for value in (1, 3, 100):
        found = own(u, a=value)
        p = np.diff(u)
        expected = u + np.diff(np.concatenate([[0], p * np.exp(-(p**2)) / 4, [0]]))
        np.testing.assert_allclose(found, expected, atol=1e-14)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"blocks": 0}, "blocks"),
        ({"blocks": 1.5}, "blocks"),
        ({"blocks": True}, "blocks"),
        ({"tau": 0}, "tau"),
        ({"tau": "-1/4"}, "tau"),
        ({"h": 0}, "h"),
        ({"h": -1}, "h"),
        ({"boundary": "mirror"}, "mirror"),
        ({"unstable": True}, "unstable"),
        ({"name": "two words"}, "name"),
    ],
)
def test_wrong_options_are_explained(options, words):
    with pytest.raises(NonlinearityError, match=words):
        Network(st.catalogue["charbonnier"], **options)


def test_wrong_targets_and_nonlinearities_are_explained():
    network = Network(st.catalogue["charbonnier"])
    for call in (network.source, network.compile):
        with pytest.raises(NonlinearityError, match="fortran"):
            call("fortran")
        with pytest.raises(NonlinearityError, match="float16"):
            call("numpy", "float16")
    with pytest.raises(NonlinearityError, match="say which kind it is"):
        Network("r")


@pytest.mark.parametrize(("boundary", "tau"), [("reflecting", None), ("periodic", "1/2")])
@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", TABLE_3)
def test_range_and_mean_over_many_blocks(name, target, boundary, tau):
    kernel = kernel_of(name, target, blocks=200, boundary=boundary, tau=tau)
    u = np.where(rng().random((5, 64)) < 0.3, 5, 1) * rng(1).normal(size=(5, 64))
    found = kernel(u, **values_of(kernel.network))
    rounding = 200 * np.finfo(float).eps * np.abs(u).max()
    assert np.all(found.max(axis=-1) <= u.max(axis=-1) + rounding)
    assert np.all(found.min(axis=-1) >= u.min(axis=-1) - rounding)
    np.testing.assert_allclose(found.mean(axis=-1), u.mean(axis=-1), rtol=0, atol=rounding)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("name", TABLE_3)
@given(u=signals(max_size=12))
@settings(max_examples=15)
def test_sign_changes_never_grow_at_the_default_step(name, target, u):
    kernel = kernel_of(name, target)
    rounding = 1e-12 * np.abs(u).max()

    def changes(signal):
        signs = np.sign(signal[np.abs(signal) > rounding])
        return np.count_nonzero(np.diff(signs))

    assert changes(kernel(u, **values_of(kernel.network))) <= np.count_nonzero(np.diff(np.sign(u[u != 0])))


# ---------------------------------------------------------------------------
# Gradients


def derivative(function, size=1e-5):
    """Central difference, fourth order."""
    return (8 * (function(size) - function(-size)) - (function(2 * size) - function(-2 * size))) / (12 * size)


@pytest.mark.parametrize(("name", "target", "boundary"), in_turns(TABLE_3, TARGETS, BOUNDARIES, costly=compiled))
def test_vjp_against_central_differences(name, target, boundary):
    kernel = kernel_of(name, target, h="1/2", boundary=boundary)
    parameters = values_of(kernel.network)
    u, weights = rng(5).normal(size=(2, 6)), rng(6).normal(size=(2, 6))
    grad, gradients = kernel.vjp(u, weights, **parameters)
    assert grad.shape == u.shape
    assert grad.dtype == kernel.dtype
    for place in np.ndindex(u.shape):
        unit = np.zeros_like(u)
        unit[place] = 1
        found = derivative(lambda t, unit=unit: np.sum(weights * kernel(u + t * unit, **parameters)))
        assert found == pytest.approx(grad[place], abs=1e-8)
    assert set(gradients) == set(parameters)
    for key, value in parameters.items():
        found = derivative(
            lambda t, key=key, value=value: np.sum(weights * kernel(u, **{**parameters, key: value + t}))
        )
        assert found == pytest.approx(gradients[key], abs=1e-8)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", SMOOTH)
@given(u=signals(min_size=2, max_size=9))
@settings(max_examples=15)
def test_vjp_is_the_adjoint(name, dtype, u):
    """<J v, w> = <v, J^T w>, with J v by central differences of the float64 kernel."""
    u = np.clip(u, -5, 5)
    kernel, precise = kernel_of(name, dtype=dtype), kernel_of(name)
    v, w = rng(7).normal(size=u.size), rng(8).normal(size=u.size)
    forward = derivative(lambda t: precise(u + t * v, **values_of(kernel.network)), 1e-3)
    grad, _ = kernel.vjp(u, w, **values_of(kernel.network))
    assert grad.dtype == kernel.dtype
    accuracy = 1e-8 if dtype == "float64" else 1e-5
    assert v @ grad == pytest.approx(forward @ w, abs=accuracy)


def test_vjp_by_tau_and_h():
    kernel = Network(st.catalogue["charbonnier"], BLOCKS, "tau", "h").compile("numpy")
    u, w = rng(1).normal(size=8), rng(2).normal(size=8)
    values = {"lam": 0.8, "tau": 0.2, "h": 1.1}
    _, gradients = kernel.vjp(u, w, **values)
    assert set(gradients) == set(values)
    for key in values:
        found = derivative(lambda t, key=key: w @ kernel(u, **{**values, key: values[key] + t}))
        assert found == pytest.approx(gradients[key], abs=1e-8)


def test_vjp_of_odd_shapes():
    kernel = kernel_of("charbonnier")
    for shape in ((1,), (0,), (3, 0), (2, 1, 4)):
        u = rng().normal(size=shape)
        grad, gradients = kernel.vjp(u, np.ones(shape), lam=1.0)
        # the mean is kept, so the gradient of the sum is 1 and no parameter moves it
        np.testing.assert_allclose(grad, np.ones(shape), atol=1e-14)
        assert gradients["lam"] == pytest.approx(0, abs=1e-14)
    with pytest.raises(NonlinearityError, match="cotangent"):
        kernel.vjp(np.zeros(3), np.zeros(4), lam=1.0)


@pytest.mark.parametrize("target", TARGETS)
def test_repr(target):
    text = repr(kernel_of("perona-malik", target))
    assert all(word in text for word in (target, "3 blocks", "float64", "lam"))
    assert "none" in repr(kernel_of("constant", target))


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_the_numpy_module_by_itself(boundary):
    """The generated text without `Kernel` around it: any shape and any out."""
    kernel = kernel_of("charbonnier", boundary=boundary)
    ((name, text),) = kernel.network.source("numpy").items()
    module = {"__name__": name}
    exec(text, module)
    function = module["charbonnier_f64"]
    for shape in ((5,), (1,), (0,), (3, 0), (0, 4), (2, 3, 7), (3, 20_000), (1, 40_000)):
        u = rng().normal(size=shape)
        before = u.copy()
        expected = kernel(u, lam=0.5)
        outs = [np.empty(shape), np.empty(shape, order="F"), np.empty((*shape[:-1], 2 * shape[-1]))[..., ::2]]
        np.testing.assert_array_equal(function(u, 0.5), expected)
        np.testing.assert_array_equal(function(u.tolist(), 0.5).reshape(shape), expected)
        np.testing.assert_array_equal(u, before)
        for out in outs:
            assert function(u, 0.5, out=out) is out
            np.testing.assert_array_equal(out, expected)
        own = np.asfortranarray(u)
        assert function(own, 0.5, out=own) is own
        np.testing.assert_array_equal(own, expected)


# ---------------------------------------------------------------------------
# The max-min principle in floating point


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("boundary", BOUNDARIES)
@pytest.mark.parametrize("target", TARGETS)
@given(u=signals(max_size=9))
def test_a_clamped_kernel_never_leaves_the_range(target, dtype, boundary, u):
    """Even where the step is far above every bound."""
    kernel = kernel_of("charbonnier", target, dtype, boundary=boundary, tau=2, unstable="allow", clamp=True)
    u = u.astype(dtype)
    with np.errstate(over="ignore"):  # in float32 the square of 1e30 overflows, and the result is right
        found = kernel(u, lam=1.0)
    assert u.min() <= found.min()
    assert found.max() <= u.max()


@needs_compiler
def test_threads_change_no_bit():
    network = Network(st.catalogue["charbonnier"], BLOCKS)
    for shape in ((5,), (3, 3000), (40, 100), (0, 7)):
        u = rng().normal(size=shape)
        expected = network.compile("c")(u, lam=0.5)
        for threads in (2, 3):
            np.testing.assert_array_equal(network.compile("c", threads=threads)(u, lam=0.5), expected)


@pytest.mark.parametrize(("target", "threads"), [("c", 0), ("c", 1.5), ("c", True), ("c", 10**9), ("numpy", 2)])
def test_a_number_of_threads_that_does_not_fit_is_refused(target, threads):
    with pytest.raises(NonlinearityError, match="threads"):
        Network(st.catalogue["charbonnier"]).compile(target, threads=threads)


def test_a_clamp_that_is_no_truth_value_is_refused():
    with pytest.raises(NonlinearityError, match="clamp"):
        Network(st.catalogue["charbonnier"]).source("numpy", clamp="yes")


@pytest.mark.parametrize("target", TARGETS)
def test_a_parameter_called_like_the_modulus(target):
    kernel = Network(Activation("r/(1 + |r|/a)"), tau="1/4").compile(target)
    np.testing.assert_allclose(kernel([0.0, 2.0], a=3.0), [0.3, 1.7], rtol=1e-15)


@pytest.mark.parametrize("target", TARGETS)
def test_arrays_of_other_libraries_that_do_not_fit_are_refused_in_words(target):
    kernel = Network("soft").compile(target)
    pandas, sparse = pytest.importorskip("pandas"), pytest.importorskip("scipy.sparse")
    frame = pandas.DataFrame({"a": [0.0, 1.0, 3.0], "b": [2.0, 0.0, 1.0]})
    with pytest.raises(NonlinearityError, match=r"are its columns: give kernel\(frame.to_numpy\(\).T"):
        kernel(frame, theta=1)
    np.testing.assert_array_equal(kernel(frame["a"], theta=1), kernel(frame.to_numpy().T, theta=1)[0])
    with pytest.raises(NonlinearityError, match=r"sparse one; give it .toarray\(\)"):
        kernel(sparse.csr_array(np.eye(3)), theta=1)
    torch = pytest.importorskip("torch")
    with pytest.raises(NonlinearityError, match="detach"):
        kernel(torch.ones(3, requires_grad=True), theta=1)
