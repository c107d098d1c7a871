"""denoise."""

import json
import re
import subprocess
import sys
import wave

import numpy as np
import pytest
import pywt

import symtrans as st
from symtrans.models import diffusion_step
from tests.cli.results import COMPILER, TARGET, assert_done, assert_refused, process

LAM = 0.3


def filtered(u, blocks=8):
    for _ in range(blocks):
        u = diffusion_step(u, st.catalogue["perona-malik"], 0.25, lam=LAM)
    return u


SIGNAL = np.random.default_rng(0).normal(size=60)
CHANNELS = np.random.default_rng(1).normal(size=(2, 40))


@pytest.mark.parametrize("samples", [SIGNAL, CHANNELS, SIGNAL[:1]], ids=["one", "two", "short"])
@pytest.mark.parametrize("suffix", ["npy", "csv", "txt"])
def test_denoise_files(symtrans, tmp_path, suffix, samples):
    source, target = tmp_path / f"in.{suffix}", tmp_path / "new" / f"out.{suffix}"
    if suffix == "npy":
        np.save(source, samples)
    else:
        np.savetxt(source, samples.T, "%.17g", "," if suffix == "csv" else " ")
    out = assert_done(symtrans("denoise", source, "--set", f"lam={LAM}", "--blocks", "8", "-o", target, *TARGET))
    assert f"wrote {target}" in out
    assert "sign changes" in out
    if suffix == "npy":
        found = np.load(target)
    else:
        found = np.loadtxt(target, delimiter="," if suffix == "csv" else None, ndmin=1).T
    np.testing.assert_allclose(found, filtered(samples), atol=1e-14)
    assert [p.name for p in target.parent.iterdir()] == [target.name]


@pytest.mark.parametrize("width", [1, 2, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_denoise_sound(symtrans, tmp_path, width, channels):
    source, target = tmp_path / "in.wav", tmp_path / "out.wav"
    samples = np.clip(np.random.default_rng(2).normal(size=(channels, 50)) / 4, -0.9, 0.9)
    scale = 2.0 ** (8 * width - 1)
    raw = np.round(samples * scale) + (128 if width == 1 else 0)
    with wave.open(str(source), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(8000)
        file.writeframes(raw.T.astype("u1" if width == 1 else f"<i{width}").tobytes())
    assert_done(symtrans("denoise", source, "--set", f"lam={LAM}", "--blocks", "8", "-o", target, *TARGET))
    with wave.open(str(target), "rb") as file:
        assert (file.getnchannels(), file.getframerate()) == (channels, 8000)
        found = np.frombuffer(file.readframes(50), "<i2").reshape(50, channels).T / 2.0**15
    expected = filtered(np.round(samples * scale) / scale)
    np.testing.assert_allclose(found, expected, rtol=0, atol=2.0**-16 + 1e-12)


def test_denoise_skips_a_line_of_titles(symtrans, tmp_path):
    (tmp_path / "in.csv").write_text("time,value\n" + "\n".join(f"{i},{i % 3}" for i in range(9)) + "\n")
    words = ("denoise", tmp_path / "in.csv", "--set", f"lam={LAM}", "-o", tmp_path / "out.csv", *TARGET)
    assert_done(symtrans(*words))
    assert (tmp_path / "out.csv").read_text().startswith("time,value\n")
    assert np.loadtxt(tmp_path / "out.csv", delimiter=",", skiprows=1).shape == (9, 2)


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.npy", b"", "empty.npy"),
        ("garbage.npy", b"garbage", "garbage.npy"),
        ("empty.csv", b"", "no samples|cannot be read"),
        ("words.csv", b"a,b\nc,d\n", "cannot be read"),
        ("ragged.csv", b"1,2\n3\n", "cannot be read"),
        ("nan.txt", b"1\nnan\n3\n", "not finite"),
        ("garbage.wav", b"RIFFgarbage", "cannot be read"),
        ("binary.txt", b"\xff\xfe\x00", "cannot be read"),
        ("folder.npy", None, "cannot be read"),
    ],
)
def test_denoise_refuses_bad_files(symtrans, tmp_path, name, content, words):
    path = tmp_path / name
    if content is None:
        path.mkdir()
    else:
        path.write_bytes(content)
    assert_refused(symtrans("denoise", path, "--set", "lam=1", "--target", "numpy"), words)


def test_denoise_refuses_pickles_and_complex_numbers(symtrans, tmp_path):
    np.save(tmp_path / "objects.npy", np.array([{}, 1], dtype=object), allow_pickle=True)
    np.save(tmp_path / "complex.npy", np.array([1j, 1]))
    np.save(tmp_path / "number.npy", np.array(1.0))
    for name in ("objects", "complex", "number"):
        assert_refused(symtrans("denoise", tmp_path / f"{name}.npy", "--set", "lam=1"), "cannot be read")


def test_denoise_does_not_write_to_an_unknown_format(symtrans, tmp_path):
    result = symtrans("denoise", "ecg", "--set", "lam=9", "-o", tmp_path / "out.mp3", *TARGET)
    assert result.status == 2
    assert "out.mp3" in result.err
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not COMPILER, reason="no C compiler")
def test_denoise_the_electrocardiogram(symtrans, tmp_path):
    words = ("denoise", "ecg", "--noise", "20", "--seed", "1", "--set", "lam=15", "--compare")
    out = assert_done(symtrans(*words))
    assert re.search(r"input +c +numpy +model", out)
    assert "gain (dB)" in out
    files = ("-o", tmp_path / "out.npy", "--picture", tmp_path / "ecg.png")
    result = symtrans(*words, "--json", *files)
    assert result.status == 0
    assert result.err.count("wrote") == 2  # on stderr, as stdout is JSON
    report = json.loads(result.out)
    assert list(report) == ["input", "c", "numpy", "model"]
    clean = pywt.data.ecg().astype(float)
    assert np.load(tmp_path / "out.npy").shape == clean.shape
    for name in ("c", "numpy", "model"):
        assert report[name]["largest_difference"] < 1e-9
        assert report[name]["snr_gain_db"] > 2
        assert report[name]["minimum"] >= report["input"]["minimum"]
        assert report[name]["maximum"] <= report["input"]["maximum"]
        assert report[name]["sign_changes"] <= report["input"]["sign_changes"]
        assert report[name]["mean"] == pytest.approx(report["input"]["mean"], rel=1e-12)
        assert report[name]["milliseconds"] >= 0
    again = json.loads(symtrans(*words, "--json").out)
    assert again["c"]["snr_db"] == report["c"]["snr_db"]


def test_denoise_with_a_formula_and_single_precision(symtrans, tmp_path):
    np.save(tmp_path / "in.npy", SIGNAL)
    words = ("denoise", tmp_path / "in.npy", "--with", "1/(1 + r^2/k^2)", "--kind", "diffusivity", "--set", "k=0.5")
    words += ("--blocks", "2", "--tau", "1/5", "--boundary", "periodic", "--dtype", "float32", "--target", "numpy")
    assert_done(symtrans(*words, "-o", tmp_path / "out.npy"))
    u = SIGNAL
    for _ in range(2):
        u = diffusion_step(u, lambda p: p / (1 + 4 * p**2), 0.2, boundary="periodic")
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), u, atol=1e-5)


def test_denoise_with_a_symbolic_step(symtrans, tmp_path):
    np.save(tmp_path / "in.npy", SIGNAL)
    words = ("denoise", tmp_path / "in.npy", "--with", "constant", "--tau", "t", "--set", "t=0.2", "--blocks", "1")
    assert_done(symtrans(*words, "--compare" if COMPILER else "--json", *TARGET, "-o", tmp_path / "out.npy"))
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), diffusion_step(SIGNAL, lambda p: p, 0.2), atol=1e-14)


def test_denoise_names_the_missing_compiler(symtrans, monkeypatch):
    monkeypatch.setenv("CC", "/nonexistent")
    assert_refused(symtrans("denoise", "ecg", "--set", "lam=9", "--target", "c"), "/nonexistent")


DENOISE = ("--set", f"lam={LAM}", "--blocks", "8", "--target", "numpy")


def test_denoise_says_what_it_read_and_gives_back_what_stood_beside(symtrans, tmp_path):
    (tmp_path / "in.csv").write_text(
        "t (s);u\n" + "".join(f"{k};{0.5 * (k % 3)}\n".replace(".", ",") for k in range(9))
    )
    out = assert_done(symtrans("denoise", tmp_path / "in.csv", "-o", tmp_path / "out.csv", *DENOISE))
    assert out.startswith("1 signal of 9 samples: column 2 u\n")
    assert "column 1 t (s) is the axis" in out
    rows = [line.split(";") for line in (tmp_path / "out.csv").read_text().splitlines()]
    assert [row[0] for row in rows] == ["t (s)", *map(str, range(9))]
    found = [float(row[1].replace(",", ".")) for row in rows[1:]]
    np.testing.assert_allclose(found, filtered(0.5 * (np.arange(9) % 3)), atol=1e-14)


def test_denoise_filters_the_parts_between_gaps_by_themselves(symtrans, tmp_path):
    u = np.stack([SIGNAL, SIGNAL[::-1]])
    u[0, 20] = u[1, 40:43] = np.nan
    np.save(tmp_path / "in.npy", u)
    words = ("denoise", tmp_path / "in.npy", "-o", tmp_path / "out.npy", *DENOISE)
    assert_refused(symtrans(*words), r"4 values .* not finite: index \(0, 20\), .*--gaps fill")
    out = assert_done(symtrans(*words, "--gaps", "split"))
    assert "nan" not in out
    expected = u.copy()
    for row, part in ((0, slice(20)), (0, slice(21, None)), (1, slice(40)), (1, slice(43, None))):
        expected[row, part] = filtered(u[row, part])
    np.testing.assert_allclose(np.load(tmp_path / "out.npy"), expected, atol=1e-14)
    assert_done(symtrans(*words, "--gaps", "fill"))
    assert np.isfinite(np.load(tmp_path / "out.npy")).all()


@pytest.mark.parametrize("kind", ["csv", "npy"])
def test_denoise_in_a_pipe(tmp_path, kind):
    if kind == "npy":
        np.save(tmp_path / "in", SIGNAL)
        (tmp_path / "in.npy").rename(tmp_path / "in")
    else:
        (tmp_path / "in").write_text("u;v\n" + "".join(f"{x};a\n" for x in SIGNAL))
    with (tmp_path / "in").open() as stdin:
        run = process("denoise", "-", "-o", "-", *DENOISE, stdin=stdin)
    assert run.returncode == 0, run.stderr
    assert "1 signal of 60 samples" in run.stderr
    lines = run.stdout.splitlines()
    if kind == "csv":
        assert lines.pop(0) == "u;v"
        assert {line.partition(";")[2] for line in lines} == {"a"}
    np.testing.assert_allclose([float(line.partition(";")[0]) for line in lines], filtered(SIGNAL), atol=1e-14)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("-o", "out.mat"), "out.mat does not end in one of .* which are written"),
        (("-o", "out"), "out does not end in"),
        (("--picture", "out.gif"), r"does not end in \.png"),
        (("-o", "-", "--json"), "both ask for stdout"),
    ],
)
def test_denoise_refuses_an_output_before_it_reads(symtrans, tmp_path, monkeypatch, more, words):
    monkeypatch.chdir(tmp_path)
    assert_refused(symtrans("denoise", "no-such-file.npy", *more, *DENOISE), words)
    assert not list(tmp_path.iterdir())


def test_denoise_scales_sound_with_a_word(symtrans, tmp_path):
    out = assert_done(symtrans("denoise", "ecg", "-o", tmp_path / "out.wav", "--set", "lam=9", "--target", "numpy"))
    assert re.search(r"out\.wav: 16 bits, 44100 samples a second, as no rate is known; the samples reach \d+", out)


def test_two_thresholds_need_no_assumption_with_their_values(symtrans):
    hat = "Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (0, otherwise))"
    words = ("denoise", "ecg", "-w", hat, "-k", "activation", "--blocks", "1", "-t", "numpy")
    assert "(sgn(r), |r| <= 2)" in assert_done(symtrans(*words, "--set", "a=1", "--set", "b=2"))
    assert_refused(symtrans(*words), '--assume "a < b"')
    assert_refused(
        symtrans(*words, "--set", "a=1", "--set", "c=2"),
        "--set c is no parameter here; the parameters are a, b|--assume",
    )


def test_an_unstable_step_is_accepted_by_the_option_that_is_advised(symtrans):
    words = ("denoise", "ecg", "-w", "soft", "--set", "theta=1", "--blocks", "1", "-t", "numpy", "--tau", "0.6")
    assert_refused(symtrans(*words), "accept it with --unstable")
    assert_done(symtrans(*words, "--unstable"))
    assert_refused(symtrans(*words, "--unstable", "--set", "thet=1"), "did you mean theta")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ecg", "--set", "lam=auto", "--set", "lambda=3"), "lam has a value already"),
        (
            ("x.csv", "--set", "lam=1", "--chunks", "9", "-o", "y.npy"),
            "x.csv is not read in chunks, which .npy, .zarr are",
        ),
        (("ecg", "--set", "lam=1", "--workers", "2", "-o", "y.npy"), "ecg is not read in chunks"),
        (("-", "--set", "lam=1", "--chunks", "9", "-o", "y.npy"), "- is not read in chunks"),
        (("x.png", "--set", "lam=1", "--spacing", "1;2"), "have commas between them, as in 1,1"),
    ],
)
def test_slips_of_denoise_say_what_was_meant(symtrans, words, said):
    assert_refused(symtrans("denoise", *words), said)


def test_the_result_is_written_though_nobody_reads_on(tmp_path):
    words = [sys.executable, "-m", "symtrans", "denoise", "ecg", "--with", "soft", "--set", "theta=1"]
    words += ["-o", str(tmp_path / "out.csv")]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout.readline().startswith(b"1 signal of 1024 samples")
        run.stdout.close()  # as head does
        assert run.stderr.read() == b""
    assert run.returncode == 0
    assert len((tmp_path / "out.csv").read_text().splitlines()) == 1024
