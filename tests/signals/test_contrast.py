"""Estimates of the contrast parameter, held against the slopes written out."""

import numpy as np
import pytest

import symtrans as st

RNG = np.random.default_rng(16)
IMAGE = RNG.random((8, 11))


def cells(u, sizes):
    """|grad u| of each cell of an image, from its definition."""
    down, along = np.diff(u, axis=0) ** 2 / sizes[0] ** 2, np.diff(u, axis=1) ** 2 / sizes[1] ** 2
    return np.sqrt((down[:, 1:] + down[:, :-1]) / 2 + (along[1:] + along[:-1]) / 2)


def test_the_estimates_are_what_they_say():
    found = cells(IMAGE, (1, 1))
    mad = 1.4826 * np.median(abs(found - np.median(found)))
    assert st.estimate_contrast(IMAGE) == pytest.approx(mad)
    assert st.estimate_contrast(IMAGE, "percentile") == pytest.approx(np.percentile(found, 90))
    assert st.estimate_contrast(IMAGE, "rms") == pytest.approx(np.sqrt(np.mean(found**2)))
    scales = [1.4826 * np.median(abs(d - np.median(d))) for d in (np.diff(IMAGE, axis=0), np.diff(IMAGE, axis=1))]
    assert st.estimate_contrast(IMAGE, "differences") == pytest.approx(np.hypot(*scales))


@pytest.mark.parametrize("method", ["mad", "differences", "percentile", "rms"])
@pytest.mark.parametrize("exponent", [-1070, -1000, -500, 500, 1000])
def test_the_estimates_grow_with_the_image_where_squares_over_or_underflow(method, exponent):
    size = 2.0**exponent
    assert st.estimate_contrast(IMAGE * size, method) == pytest.approx(
        st.estimate_contrast(IMAGE, method) * size, rel=0.5 if exponent == -1070 else 1e-12, abs=0
    )


def test_a_contrast_is_estimated_for_any_size_of_an_image():
    once = st.denoise(IMAGE, "perona-malik", num_iter=2, lam="auto")
    for size in (2.0**-500, 2.0**500):
        np.testing.assert_allclose(st.denoise(IMAGE * size, "perona-malik", num_iter=2, lam="auto"), once * size, 1e-12)


def test_differences_find_the_slope_of_noise_alone():
    """Each difference of noise has the variance 2 sigma²; an edge here and there changes little."""
    noisy = 0.1 * RNG.normal(size=(120, 120, 3))
    noisy[:, 60:] += 1
    found = st.estimate_contrast(noisy, "differences", spacing=(1, 0.5), channel_axis=-1)
    assert found == pytest.approx(np.sqrt(3 * 2 * 0.01 * (1 + 4)), rel=0.03)


def test_spacing_channels_and_volumes():
    found = cells(IMAGE, (2, 0.5))
    assert st.estimate_contrast(IMAGE, "rms", spacing=(2, 0.5)) == pytest.approx(np.sqrt(np.mean(found**2)))
    colours = np.stack([IMAGE, 2 * IMAGE, 0 * IMAGE], axis=-1)
    expected = np.sqrt(5) * st.estimate_contrast(IMAGE)
    assert st.estimate_contrast(colours, channel_axis=-1) == pytest.approx(expected)
    deep = np.stack([IMAGE] * 5)  # nothing changes along the first axis
    assert st.estimate_contrast(deep) == pytest.approx(st.estimate_contrast(IMAGE))
    assert st.estimate_contrast(IMAGE[:1]) == pytest.approx(st.estimate_contrast(IMAGE[0]))
    assert st.estimate_contrast((255 * IMAGE).astype(np.uint8)) == pytest.approx(st.estimate_contrast(IMAGE), rel=0.05)


@pytest.mark.parametrize(
    ("name", "keyword", "turning"),
    [
        ("perona-malik", "lam", 1),  # r exp(-r^2/2) rises up to 1
        ("perona-malik-rational", "lam", 1),
        ("truncated-tv", "theta", np.sqrt(2)),
        ("hard", "theta", np.sqrt(2)),
        ("charbonnier", "lam", 1),  # rises for ever
        ("tukey", "lam", 1 / np.sqrt(5)),
    ],
)
def test_phi_ceases_to_rise_at_the_robust_scale(name, keyword, turning):
    chosen = {keyword: st.estimate_contrast(IMAGE) / turning}
    expected = st.denoise(IMAGE, name, num_iter=3, target="numpy", **chosen)
    found = st.denoise(IMAGE, name, num_iter=3, target="numpy", **{keyword: "auto"})
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_other_parameters_are_put_in_before():
    options = {"num_iter": 2, "target": "numpy", "p": 1.0}
    expected = st.denoise(IMAGE, "generalised-charbonnier", lam=st.estimate_contrast(IMAGE), **options)
    found = st.denoise(IMAGE, "generalised-charbonnier", lam="auto", **options)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


def test_what_slopes_are_not_measured_against_cannot_be_estimated():
    with pytest.raises(st.NonlinearityError, match='p = "auto" is for a parameter that slopes are measured against'):
        st.denoise(IMAGE, "generalised-charbonnier", num_iter=1, target="numpy", lam=1.0, p="auto")
    for options, words in [
        ({"method": "median"}, "none of mad, differences, percentile, rms"),
        ({"percentile": 100}, "below 100"),
    ]:
        with pytest.raises(st.NonlinearityError, match=words):
            st.estimate_contrast(IMAGE, **options)
    with pytest.raises(st.NonlinearityError, match="no slopes"):
        st.estimate_contrast([[1.0]])
