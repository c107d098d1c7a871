"""Images through `st.denoise`: the conventions of scikit-image, and what is refused."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
from skimage import img_as_float

import symtrans as st
from symtrans import models
from symtrans.signals.images import Axes, as_floats

RNG = np.random.default_rng(15)
GREY = RNG.random((9, 12))
COLOUR = RNG.random((9, 12, 3))
VOLUME = RNG.random((5, 6, 7))
FAMILY = st.catalogue["perona-malik"]
WITH_PALETTE = SimpleNamespace(mode="P", __array_interface__=GREY.round().astype(np.uint8).__array_interface__)
"""As Pillow has one."""


def modelled(u, num_iter, tau, h, **options):
    for _ in range(num_iter):
        u = models.diffusion_step(u, FAMILY, tau, h, lam=0.3, **options)
    return u


def denoised(image, **options):
    return st.denoise(image, "perona-malik", **{"num_iter": 4, "lam": 0.3, "target": "numpy", **options})


@pytest.mark.parametrize("nonlinearity", ["perona-malik", FAMILY, FAMILY.shrinkage, FAMILY.activation])
def test_an_image_by_any_form_is_the_model(nonlinearity):
    found = st.denoise(GREY, nonlinearity, num_iter=4, lam=0.3, target="numpy")
    np.testing.assert_allclose(found, modelled(GREY, 4, 0.25, (1, 1)), rtol=0, atol=1e-13)


def test_a_volume_takes_the_step_and_the_spacing_of_three_axes():
    np.testing.assert_allclose(denoised(VOLUME), modelled(VOLUME, 4, 1 / 6, (1, 1, 1)), rtol=0, atol=1e-13)
    tau = float(FAMILY.certificate.max_min_step((2, 1, 0.5)))
    expected = modelled(VOLUME, 4, tau, (2, 1, 0.5))
    np.testing.assert_allclose(denoised(VOLUME, spacing=(2, 1, 0.5)), expected, rtol=0, atol=1e-13)
    np.testing.assert_allclose(denoised(VOLUME, spacing=2), modelled(VOLUME, 4, 4 / 6, (2, 2, 2)), rtol=0, atol=1e-13)


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("coupling", ["isotropic", "separable"])
def test_channels_share_the_gradient_wherever_their_axis_is(axis, coupling):
    image = np.ascontiguousarray(np.moveaxis(COLOUR, -1, axis))
    before = np.moveaxis(COLOUR, -1, 0)
    alone = [modelled(channel, 4, 0.25, (1, 1), coupling="separable") for channel in before]
    coupled = modelled(before, 4, 0.25, (1, 1), channels=True)
    expected = np.moveaxis(coupled if coupling == "isotropic" else np.array(alone), 0, axis)
    found = denoised(image, channel_axis=axis, coupling=coupling)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
    assert found.flags.c_contiguous


def test_a_signal_is_an_image_of_one_axis():
    np.testing.assert_allclose(denoised(GREY[0]), modelled(GREY[0], 4, 0.25, 1), rtol=0, atol=1e-13)


def test_schemes_and_stopping_times():
    found = st.denoise(GREY, "perona-malik", time=2, scheme="implicit", tau=1, lam=0.3)
    expected = GREY
    for _ in range(2):
        expected = models.implicit_step(expected, FAMILY, 1, (1, 1), lam=0.3)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13)
    np.testing.assert_array_equal(denoised(GREY, num_iter=None, time=1), denoised(GREY))


@pytest.mark.parametrize("name", ["uint8", "uint16", "int8", "int16", "bool", "float16", "float32", "float64"])
def test_types_are_those_of_scikit_image(name):
    """As its filters have it: floats stay (the short ones become float32), integers become floats of 64 bits."""
    integers = RNG.integers(0, 2, (6, 5)) if name == "bool" else RNG.integers(-120, 120, (6, 5))
    image = RNG.random((6, 5)).astype(name) if name.startswith("float") else integers.astype(name)
    before = image.copy()
    image.flags.writeable = False
    found = denoised(image)
    assert found.dtype == ("float32" if name in ("float16", "float32") else "float64")
    scaled = img_as_float(image).astype(found.dtype)
    np.testing.assert_array_equal(as_floats(image), scaled)
    np.testing.assert_allclose(found, modelled(scaled.astype(float), 4, 0.25, (1, 1)), rtol=0, atol=2e-6)
    np.testing.assert_array_equal(image, before)
    assert type(found) is np.ndarray


def test_what_is_no_array_of_numpy_becomes_one_and_any_strides_will_do():
    np.testing.assert_array_equal(denoised(GREY.tolist()), denoised(GREY))
    np.testing.assert_array_equal(denoised(GREY[::-1, ::2].T), denoised(np.ascontiguousarray(GREY[::-1, ::2].T)))


@pytest.mark.parametrize(
    ("image", "options", "words"),
    [
        (COLOUR, {}, r"\(9, 12, 3\).*if they are colours, say channel_axis=-1; if not, say spacing=\(1, 1, 1\)"),
        (np.moveaxis(COLOUR, -1, 0), {}, "channel_axis=-3"),
        (COLOUR, {"channel_axis": 0}, "with channels along axis 0 .* say channel_axis=-1"),
        (GREY, {"channel_axis": 2}, "channel_axis = 2 is no axis of an image of 2 axes"),
        (np.zeros((3, 5, 5, 5, 5)), {}, "5 spatial axes, and one to three are filtered"),
        (np.zeros((0, 5)), {}, r"\(0, 5\) has an axis without samples"),
        (np.float64(1), {}, "has no spatial axes"),
        (GREY, {"spacing": (1, 1, 1)}, r"spacing = \(1, 1, 1\) has 3 numbers, and .* \(9, 12\) has 2 spatial axes"),
        (COLOUR, {"spacing": (1, 1, 1), "channel_axis": -1}, "with channels along axis 2 has 2 spatial"),
        (GREY, {"spacing": -1}, "spacing = -1 must be positive"),
        (GREY, {"spacing": (1, np.nan)}, "spacing = nan is not"),
        (GREY.astype(np.int64), {}, r"int64 does not say which range .*image.astype\(float\)"),
        (GREY.astype(np.uint32), {}, "uint32 does not say which range"),
        (GREY.astype(complex), {}, "real numbers, not of complex128"),
        (np.full((3, 4), "a"), {}, "real numbers, not of <U1"),
        (WITH_PALETTE, {}, r"places in it, no colours: give image.convert\('RGB'\)"),
        (np.where(GREY > 0.98, np.nan, GREY), {}, r"not finite, first nan at \[\d, \d+\]; fill"),
        (np.full((3, 4), np.inf), {}, "12 values that are not finite"),
        (
            np.where(GREY > 0.98, np.float32(-3.4028235e38), np.float32(1)),
            {},
            "too large for float32, first -3.4.*mark",
        ),
        (GREY * 1e308, {}, "too large for float64, first .*divide the image"),
        ("photo.png", {}, "'photo.png' is text: read the file first"),
        (GREY, {"num_iter": None}, "say how much: num_iter"),
        (GREY, {"num_iter": 2.5}, "num_iter = 2.5 must be a whole number"),
        (GREY, {"time": 3, "tau": 0.2}, "one too many"),
        (GREY, {"niter": 4}, "niter is called num_iter here"),
        (GREY, {"rounds": 4}, "rounds is no parameter here; the parameters are lam"),
        (GREY, {"lam": "automatic"}, "lam = automatic is not a number"),
        (GREY, {"theta": "auto"}, "theta is no parameter here; the parameters are lam"),
        (GREY * 0, {"lam": "auto"}, "deviation is 0; give lam a number"),
    ],
)
def test_bad_input_is_refused_with_the_remedy(image, options, words):
    with pytest.raises(st.NonlinearityError, match=words):
        denoised(image, **options)


@pytest.mark.parametrize(("image", "bound"), [(GREY, "1/4"), (VOLUME, "1/6")], ids=["2-D", "3-D"])
def test_a_step_above_the_bound_of_this_dimension_is_refused(image, bound):
    with pytest.raises(st.StabilityError, match=rf"tau = 3/10 is above .* {bound}"):
        denoised(image, tau=0.3)
    assert denoised(image, tau=0.3, unstable="allow").shape == image.shape


def test_a_formula_is_asked_what_it_is():
    with pytest.raises(st.NonlinearityError, match=r"a formula: say what it is, as in symtrans.Diffusivity\('1/\(1"):
        st.denoise(GREY, "1/(1 + r^2)", num_iter=1)
    assert denoised(GREY, num_iter=np.int64(1)).shape == GREY.shape


def test_axes_that_are_meant_so_are_confirmed_by_their_spacing():
    thin = denoised(COLOUR, spacing=(1, 1, 1))
    np.testing.assert_allclose(thin, modelled(COLOUR, 4, 1 / 6, (1, 1, 1)), rtol=0, atol=1e-13)
    assert Axes.of((3, 3, 3)).channel is None  # no axis is shorter than the others


def test_without_a_compiler_numpy_filters_and_says_so(monkeypatch):
    monkeypatch.setenv("CC", "/nonexistent")
    with pytest.warns(st.FallbackWarning, match="more slowly than C would") as caught:
        found = denoised(GREY, target=None)
    assert caught[0].filename == __file__
    np.testing.assert_array_equal(found, denoised(GREY))
    with pytest.raises(st.CompilerError, match="nonexistent"):
        denoised(GREY[0], target="c")


# ---------------------------------------------------------------------------
# An image that is given to a kernel of signals

SMOOTH = np.cumsum(np.cumsum(RNG.normal(size=(40, 50)), axis=0), axis=1)


def kernel(**options):
    return st.Network(FAMILY, **options).compile("numpy")


def test_an_image_given_as_rows_is_told_once():
    filters = kernel()
    with pytest.warns(st.RowsWarning, match=r"shape \(40, 50\) looks like an image.*did you mean h=\(1, 1\)") as caught:
        filters(SMOOTH, lam=1.0)
    assert caught[0].filename == __file__
    filters(SMOOTH, lam=1.0)  # warnings are errors here
    with pytest.warns(st.RowsWarning, match="its 3 colours|3 colours stand on the axis"):
        kernel()(np.stack([SMOOTH] * 3, axis=-1), lam=1.0)


def test_the_warning_can_be_switched_off():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=st.RowsWarning)
        kernel()(SMOOTH, lam=1.0)


@pytest.mark.parametrize(
    "signals",
    [
        RNG.normal(size=(40, 50)),
        np.cumsum(RNG.normal(size=(40, 50)), axis=1),
        np.tile(np.sin(np.arange(50.0)), (40, 1)),
        SMOOTH[:8],
        SMOOTH[0],
        np.zeros((40, 50)),
        np.zeros((0, 50)),
    ],
    ids=["noise", "walks", "copies", "few", "one", "zeros", "none"],
)
def test_a_stack_of_signals_is_as_good(signals):
    kernel()(signals, lam=1.0)
