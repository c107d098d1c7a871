"""A network run on a signal: by a kernel and by the model, whole and in parts."""

import numpy as np
import pytest

import symtrans as st
from symtrans.signals import denoising
from symtrans.signals.denoising import parts, report_on, run_network

NOISY = np.random.default_rng(5).normal(size=(2, 40))
NETWORK = st.Network(st.catalogue["perona-malik"], 32)
VALUES = {"lam": 0.7}


def run(target, network=NETWORK, dtype="float64", **options):
    return run_network(network, target, dtype, NOISY, VALUES, **options)[0]


def test_kernel_and_model_agree():
    np.testing.assert_allclose(run("numpy"), run("model"), rtol=0, atol=1e-13)
    assert run("numpy", dtype="float32").dtype == np.float32


def test_a_long_run_goes_in_parts_and_says_when_each_is_done(monkeypatch):
    whole, model = run("numpy"), run("model")
    monkeypatch.setattr(denoising, "_LONG", 100)
    assert parts(NETWORK, NOISY.size) == 16
    assert parts(NETWORK.with_blocks(33), NOISY.size) == 11
    assert parts(NETWORK.with_blocks(37), NOISY.size) == 1  # not to be cut evenly
    done = []
    np.testing.assert_array_equal(run("numpy", advance=lambda: done.append("kernel")), whole)
    np.testing.assert_array_equal(run("model", advance=lambda: done.append("model")), model)
    assert done == ["kernel"] * 16 + ["model"] * 16


@pytest.mark.parametrize("scheme", ["explicit", "semi-implicit", "fsi", "implicit"])
@pytest.mark.parametrize("h", [0.5, (1, 2)], ids=["one axis", "two axes"])
def test_every_scheme_has_a_model(scheme, h):
    network = st.Network("perona-malik", time=3, tau=None if scheme == "explicit" else "1/8", h=h, scheme=scheme)
    model = run("model", network)
    if scheme == "implicit":
        assert model.mean() == pytest.approx(NOISY.mean())
        assert np.ptp(model) < np.ptp(NOISY)
    else:
        np.testing.assert_allclose(run("numpy", network), model, rtol=0, atol=1e-12)


def test_the_report_measures_against_the_clean_signal():
    clean, noisy, filtered = np.array([1.0, -1.0]), np.array([2.0, -2.0]), np.array([1.5, -1.5])
    report = report_on(clean, noisy, {"c": (filtered, 0.25), "model": (clean, 0.5)})
    assert list(report) == ["input", "c", "model"]
    assert report["input"]["snr_db"] == pytest.approx(0)
    assert report["c"]["snr_gain_db"] == pytest.approx(20 * np.log10(2))
    assert (report["c"]["maximum"], report["c"]["sign_changes"], report["c"]["milliseconds"]) == (1.5, 1, 250)
    assert report["model"]["largest_difference"] == 0.5
    assert report_on(None, noisy, {"c": (filtered, 0.0)})["c"]["snr_gain_db"] is None


@pytest.mark.parametrize(
    ("word", "here"),
    [("niter", "num_iter"), ("voxelspacing", "spacing"), ("h", "spacing"), ("gamma", "tau"), ("mode", "boundary")],
)
def test_arguments_of_other_libraries_are_told_what_they_are_called(word, here):
    with pytest.raises(st.NonlinearityError, match=f"{word} is called {here} here"):
        st.denoise(np.eye(8), "perona-malik", **{"num_iter": 1, "lam": 1.0, word: 1})


def test_a_parameter_keeps_its_name():
    flux = st.Diffusivity("gamma/(1 + r^2)")
    assert st.denoise(np.eye(8), flux, num_iter=1, gamma=0.5, target="numpy").shape == (8, 8)
