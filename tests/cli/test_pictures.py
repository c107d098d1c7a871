"""denoise on images and volumes."""

import json
import re

import imagecodecs
import numpy as np
import pytest
import tifffile
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

import symtrans as st
from tests.cli.results import assert_done, assert_refused

RNG = np.random.default_rng(20)
CLEAN = np.kron(RNG.integers(40, 216, (4, 5, 3)), np.ones((8, 8, 1))).astype(np.uint8)
OPTIONS = ("--set", "lam=0.05", "--blocks", "8", "--target", "numpy")


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "photo.png"
    path.write_bytes(imagecodecs.png_encode(CLEAN))
    return path


def test_a_photo_is_filtered_as_denoise_does_and_measured_as_scikit_image_does(symtrans, tmp_path, photo):
    words = ("denoise", photo, "--with", "perona-malik", "--noise", "0.04", "--seed", "3", *OPTIONS)
    files = ("-o", tmp_path / "out.npy", "--picture", tmp_path / "both.png")
    result = symtrans(*words, "--json", *files)
    assert result.status == 0, result.err
    assert "an image of 3 channels: shape (32, 40, 3), uint8" in result.err
    report = json.loads(result.out)
    clean = CLEAN / 255
    noise = 0.04 * np.random.default_rng(3).standard_normal((3, 32, 40))
    noisy = clean + np.moveaxis(noise, 0, -1)
    filtered = st.denoise(noisy, "perona-malik", num_iter=8, lam=0.05, channel_axis=-1, target="numpy")
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), filtered, rtol=0, atol=1e-14)
    for name, image in (("input", noisy), ("numpy", filtered)):
        assert report[name]["psnr_db"] == pytest.approx(peak_signal_noise_ratio(clean, image, data_range=1))
        ssim = structural_similarity(clean, image, data_range=1, channel_axis=-1)
        assert report[name]["ssim"] == pytest.approx(ssim, abs=1e-12)
        assert "sign_changes" not in report[name]
    assert report["numpy"]["psnr_gain_db"] > 3
    assert imagecodecs.png_decode((tmp_path / "both.png").read_bytes()).ndim == 3
    out = assert_done(symtrans(*words))
    assert re.search(r"peak signal-to-noise \(dB\) +2\d\.\d\d", out)
    assert "structural similarity" in out


def test_the_depth_stays_and_lambda_is_estimated(symtrans, tmp_path, photo):
    words = ("--set", "lam=auto", "--time", "2", "--scheme", "semi-implicit", "--tau", "1/2", "-t", "numpy")
    out = assert_done(symtrans("denoise", photo, "--noise", "0.04", *words, "-o", tmp_path / "out.png"))
    found = imagecodecs.png_decode((tmp_path / "out.png").read_bytes())
    assert (found.dtype, found.shape) == (CLEAN.dtype, CLEAN.shape)
    noise = np.random.default_rng(0).standard_normal((3, 32, 40))
    lam = st.estimate_contrast(CLEAN / 255 + 0.04 * np.moveaxis(noise, 0, -1), channel_axis=-1)
    assert f"lam = {lam:.4g}: Phi ceases to rise at the robust scale of the slopes" in out
    assert "4 blocks, tau = 1/2, semi-implicit, reflecting" in out


def test_a_volume_of_pages_with_its_spacing(symtrans, tmp_path):
    pages = RNG.integers(0, 65536, (6, 7, 9)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "in.tif", pages, photometric="minisblack")
    np.save(tmp_path / "in.npy", pages)
    expected = st.denoise(pages, "perona-malik", num_iter=8, lam=0.05, spacing=(2, 1, 1), target="numpy")
    for name in ("in.tif", "in.npy"):
        words = ("denoise", tmp_path / name, "--spacing", "2,1,1", *OPTIONS, "-o", tmp_path / "out.tif")
        assert "a volume: shape (6, 7, 9), uint16" in assert_done(symtrans(*words))
        np.testing.assert_array_equal(tifffile.imread(tmp_path / "out.tif"), np.rint(65535 * expected))
    assert_done(symtrans(*words[:-1], tmp_path / "out.npy", "--picture", tmp_path / "middle.png"))
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), expected, rtol=0, atol=1e-15)


def test_kernels_and_model_side_by_side(symtrans, photo):
    words = ("denoise", photo, "--set", "lam=0.05", "--scheme", "fsi", "--time", "5", "--compare", "--json")
    report = json.loads(symtrans(*words).out)
    assert set(report) - {"c"} == {"input", "numpy", "model"}
    assert report["model"]["largest_difference"] < 1e-12


def test_rows_of_an_array_are_signals_unless_it_is_told_otherwise(symtrans, tmp_path):
    smooth = np.cumsum(np.cumsum(RNG.normal(size=(40, 50)), axis=0), axis=1)
    np.save(tmp_path / "in.npy", smooth)
    words = ("denoise", tmp_path / "in.npy", *OPTIONS, "-o", tmp_path / "out.npy")
    out = assert_done(symtrans(*words))
    assert "40 signals of 50 samples" in out
    assert "it looks like an image whose rows are filtered one by one; --image filters it as one" in out
    assert "an image: shape (40, 50), float64" in assert_done(symtrans(*words, "--image"))
    expected = st.denoise(smooth, "perona-malik", num_iter=8, lam=0.05, target="numpy")
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("-o", "out.csv"), r"out.csv does not end in one of \.png"),
        (("-o", "-"), "not written to stdout"),
        (("--column", "1"), "say nothing about images"),
        (("--spacing", "1,1,1"), r"--spacing 1,1,1 has 3 numbers"),
        (("--tau", "0.3"), "tau = 3/10 is above the largest stable step 1/4"),
        (("--set", "theta=auto"), "theta is no parameter here"),
        (("--channel-axis", "1"), r"say --channel-axis -1"),
        (("--scheme", "implicit", "--tau", "1"), "no kernel of the implicit scheme"),
    ],
)
def test_what_is_wrong_is_refused_before_anything_is_written(symtrans, tmp_path, monkeypatch, photo, more, words):
    monkeypatch.chdir(tmp_path)
    written = () if "-o" in more else ("-o", "out.png")
    assert_refused(symtrans("denoise", photo, *written, *more, *OPTIONS), words)
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def test_text_holds_no_image(symtrans, tmp_path):
    (tmp_path / "in.csv").write_text("1\n2\n")
    assert_refused(
        symtrans("denoise", tmp_path / "in.csv", "--image", *OPTIONS), "in.csv is not read as an image; images end in"
    )


def test_without_a_parameter_the_estimate_is_offered(symtrans, photo):
    assert_refused(symtrans("denoise", photo, "-t", "numpy"), "--set lam=auto estimates")
