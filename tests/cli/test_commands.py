"""The command line: answers on stdout, errors on stderr, status 0, 1 or 2."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import wave
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import pywt

import symtrans as st
from symtrans import Activation, Diffusivity, Network, Shrinkage, __version__, cli, golden
from symtrans.catalogue import TABLE_3
from symtrans.models import diffusion_step

COMPILER = any(map(shutil.which, ("cc", "gcc", "clang")))
GENERATED = Path(__file__).parents[1] / "generated"
TARGET = [] if COMPILER else ["--target", "numpy"]


@pytest.fixture
def symtrans(capfd, monkeypatch):
    """Run the command in this process, as the entry point does."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["symtrans", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capfd.readouterr()
        # sys.exit() and a return from main both mean 0
        return SimpleNamespace(status=stop.value.code or 0, out=out, err=err)

    return run


def plainly(text):
    """Text without the frames and colours of rich."""
    return re.sub(r"\s+", " ", re.sub(r"\x1b\[[0-9;]*m|[│╭╮╰╯─]", " ", text))


def assert_done(result):
    assert result.status == 0, result.err
    assert result.err == ""
    assert result.out.endswith("\n")
    return result.out


def assert_refused(result, words, status=2):
    assert result.status == status, result.out + result.err
    assert re.search(words, plainly(result.err)), result.err
    assert "Traceback" not in result.err
    assert result.out == ""


# ---------------------------------------------------------------------------
# As a process of its own


def process(*words, **options):
    command = [sys.executable, "-m", "symtrans.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def test_the_process_obeys_too():
    good = process("translate", "soft")
    assert (good.returncode, good.stderr) == (0, "")
    assert "S(r)" in good.stdout
    bad = process("translate", "exp(", "--kind", "diffusivity")
    assert (bad.returncode, bad.stdout) == (2, "")
    assert bad.stderr.startswith("error: ")
    assert "^" in bad.stderr
    assert "Traceback" not in bad.stderr
    shown = process("--traceback", "translate", "exp(", "--kind", "diffusivity")
    assert shown.returncode != 0
    assert "Traceback" in shown.stderr
    assert "ParseError" in shown.stderr


def test_help_and_version(symtrans):
    page = plainly(symtrans("--help").out)
    for command in ("translate", "certify", "table", "plot", "generate", "denoise", "check"):
        assert command in page
        own = symtrans(command, "--help")
        assert own.status == 0
        assert "--help" in plainly(own.out)
    assert "Exit status" in page
    assert symtrans("--version").out == f"symtrans {__version__}\n"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nonsense"], "No such command"),
        (["translate"], "Missing argument"),
        (["translate", "soft", "--wrong"], "No such option"),
        (["translate", "r", "--kind", "nonsense"], "nonsense"),
        (["generate", "soft", "--blocks", "0"], "blocks"),
        (["generate", "soft", "--blocks", "many"], "blocks"),
        (["certify", "soft", "--budget", "-1"], "budget"),
        (["plot", "soft"], "--output"),
    ],
)
def test_wrong_words_are_refused(symtrans, words, complaint):
    assert_refused(symtrans(*words), complaint)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["translate", "sofft"], "soft"),
        (["translate", "exp(-r^2)"], "--kind"),
        (["translate", "exp(-r^2", "--kind", "diffusivity"], r"\^"),
        (["translate", "__import__('os')", "--kind", "diffusivity"], "error"),
        (["translate", "r", "--kind", "diffusivity"], "even"),
        (["translate", "r^2", "--kind", "activation"], "odd"),
        (["translate", "1 + r^2", "--kind", "regulariser"], "Subtract it"),
        (["translate", "soft", "--tau", "-1"], "tau"),
        (["translate", "soft", "--tau", "1/0"], "tau|zero|finite"),
        (["translate", "1/r^2", "--kind", "diffusivity"], "."),
        (["certify", "soft", "--h", "0"], "h"),
        (["table", "nonsense"], "nonsense"),
        (["table", "--format", "html"], "html"),
        (["generate", "soft", "--target", "fortran"], "fortran"),
        (["generate", "soft", "--dtype", "int8"], "int8"),
        (["generate", "soft", "--tau", "3/4"], "stable"),
        (["generate", "soft", "--boundary", "mirror"], "mirror"),
        (["generate", "tv"], "stable"),
        (["check", "no/such/folder"], "folder"),
        (["denoise", "no-such-file.npy", "--set", "lam=1"], "no-such-file"),
        (["denoise", "signal.mp3", "--set", "lam=1"], "mp3"),
        (["denoise", "ecg"], "give a value to lam, for example --set lam=1"),
        (["denoise", "ecg", "--set", "lam"], "NAME=NUMBER"),
        (["denoise", "ecg", "--set", "lam=x"], "NAME=NUMBER"),
        (["denoise", "ecg", "--set", "lam=-1"], "positive"),
        (["denoise", "ecg", "--set", "lam=1", "--tau", "2"], "stable"),
    ],
)
def test_wrong_input_is_explained(symtrans, words, complaint):
    assert_refused(symtrans(*words), complaint)


# ---------------------------------------------------------------------------
# translate, certify, table


def test_translate(symtrans):
    out = assert_done(symtrans("translate", "exp(-r^2/(2 lambda^2))", "--kind", "diffusivity"))
    for line in ("g(r) = exp", "Psi(r) = 2*lambda^2", "S(r) = r*(1 - exp", "Phi(r) = r*exp"):
        assert line in re.sub(" +", " ", out)
    row = assert_done(symtrans("translate", "soft", "--latex"))
    assert row.count(" & ") - row.count(", & ") == 3
    assert row.endswith("\\\\\n")
    other = json.loads(assert_done(symtrans("translate", "soft", "--tau", "1/8", "--json")))
    assert other["tau"] == "1/8"
    own = json.loads(assert_done(symtrans("translate", "exp(-x^2)", "-k", "diffusivity", "--variable", "x", "--json")))
    assert "x" in own["forms"]["activation"]["text"]
    assert own["parameters"] == []


def test_latex_in(symtrans):
    out = assert_done(symtrans("translate", "--latex-in", r"\Phi(r) = r\exp\left(-\frac{r^2}{\lambda^2}\right)"))
    assert "exp(-r^2/lambda^2)" in out
    assert_done(symtrans("certify", "--latex-in", r"\tfrac{1}{1+r^2}", "--kind", "diffusivity"))
    assert_refused(symtrans("translate", "--latex-in", r"\tanh(r)"), "say what it is with --kind")
    assert_refused(symtrans("translate", "--latex-in", r"\Phi(r) = \foo"), r"symtrans reads")


def test_translate_json_reads_back(symtrans):
    data = json.loads(assert_done(symtrans("translate", "garrote", "--json")))
    assert data["name"] == "truncated-bfb"
    assert data["parameters"] == ["theta"]
    assert set(data["forms"]) == {"diffusivity", "regulariser", "shrinkage", "activation"}
    assert st.Activation(data["forms"]["activation"]["text"]) == st.catalogue["garrote"].activation


def test_certify(symtrans):
    out = assert_done(symtrans("certify", "hard"))
    assert out.startswith("The activation Phi")
    details = assert_done(symtrans("certify", "hard", "--details", "--h", "1/2"))
    assert re.search(r"lipschitz +oo +proved", details)
    assert re.search(r"max_min_step +1/8 +proved", details)
    data = json.loads(assert_done(symtrans("certify", "hard", "--json")))
    assert data["g_max"]["value"] == "1"
    assert data["monotone"]["value"] is False
    assert data["steps"]["sign_step"]["value"] == "1/4"
    assert len(data["jumps"]) == 1
    unknown = json.loads(assert_done(symtrans("certify", "r cos(r) cos(r^2)", "-k", "activation", "--json")))
    assert unknown["g_max"]["value"] is None
    assert unknown["g_max"]["evidence"] == "unknown"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["soft", "--require", "monotone", "--require", "continuous"], 0),
        (["perona-malik", "--require", "monotone"], 1),
        (["hard", "--require", "continuous"], 1),
        (["soft", "--require", "max-min", "--tau", "1/2"], 0),
        (["soft", "--require", "max-min", "--tau", "0.5000001"], 1),
        (["soft", "--require", "sign", "--tau", "1/4"], 0),
        (["soft", "--require", "sign", "--tau", "1/2"], 1),
        (["soft", "--require", "max-min", "--tau", "1/2", "--h", "1/2"], 1),
        (["soft", "--require", "nonexpansive", "--tau", "1/2"], 0),
        (["hard", "--require", "nonexpansive", "--tau", "1/100"], 1),
        (["r cos(r) cos(r^2)", "-k", "activation", "--require", "max-min", "--tau", "1/100"], 1),
        (["a - exp(-r^2)", "-k", "diffusivity", "--require", "nonnegative"], 1),
    ],
)
def test_require_answers_by_the_status(symtrans, words, status):
    result = symtrans("certify", *words)
    assert result.status == status
    assert result.out
    assert ("not proved: " in result.err) is (status == 1)
    assert "Traceback" not in result.err


@pytest.mark.parametrize(("claim", "complaint"), [("beauty", "beauty is none of"), ("max-min", "--tau")])
def test_require_knows_its_claims(symtrans, claim, complaint):
    result = symtrans("certify", "soft", "--require", claim)
    assert result.status == 2
    assert result.err.startswith("error: ")
    assert complaint in result.err


def test_tables(symtrans):
    out = assert_done(symtrans("table"))
    assert all(name in out for name in TABLE_3)
    assert "tukey" not in out
    assert "tukey" in assert_done(symtrans("table", "tukey", "huber"))
    assert assert_done(symtrans("table", "soft", "hard")).count("S(r)") == 2
    assert assert_done(symtrans("table", "-f", "markdown")).startswith("| Family")
    assert r"\begin{tabular}" in assert_done(symtrans("table", "--format", "latex"))
    assert r"\documentclass" in assert_done(symtrans("table", "--standalone"))  # which asks for LaTeX
    assert "proved" in assert_done(symtrans("table", "--certificates"))
    assert len(assert_done(symtrans("table", "--dictionary")).splitlines()) == 12
    rules = json.loads(assert_done(symtrans("table", "--dictionary", "--json")))
    assert len({(rule["from"], rule["to"]) for rule in rules}) == 12
    data = json.loads(assert_done(symtrans("table", "--json")))
    assert [row["name"] for row in data] == list(TABLE_3)
    assert data[5]["certificate"]["lipschitz"]["value"] == "oo"


def test_a_table_is_laid_out_as_asked(symtrans):
    own = "mine = r/(1 + r^4)"
    words = ("--kind", "activation", "--columns", "activation,shrinkage", "--caption", "Two", "--label", "tab:two")
    table = assert_done(symtrans("table", "soft", own, "-f", "latex", *words))
    assert r"\textbf{Activation Function} & \textbf{Shrinkage Function} \\" in table
    assert r"\caption{Two}\label{tab:two}" in table
    assert r"\textbf{mine}" in table
    assert r"\Psi" not in table
    by_page = assert_done(symtrans("table", "-f", "latex", "--per-page", "2"))
    assert by_page.count(r"\pagebreak") == 2
    assert r"\begin{longtable}" in by_page
    by_name = assert_done(symtrans("table", "soft", "garrote", "charbonnier", "--order", "name"))
    assert [block.split(" ")[0] for block in by_name.split("\n\n")] == ["charbonnier", "truncated-bfb", "truncated-tv"]
    curves = assert_done(symtrans("table", "soft", "--curves", "--columns", "shrinkage", "--set", "theta=2"))
    assert r"\addplot" in curves
    assert r"xtick={2}" in curves
    narrow = assert_done(symtrans("table", "soft", "--columns", "regulariser", "--width", "5"))
    assert "see (1) below" in narrow
    proved = ("--certificates", "--columns", "class,g_max", "-f", "latex")
    assert r"family & class & $\sup g$ \\" in assert_done(symtrans("table", "soft", *proved))


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("table", "--columns", "phi"), "the columns are diffusivity, regulariser"),
        (("table", "--certificates", "--columns", "size"), "no column of certificates"),
        (("table", "--order", "size"), "none of given, name, class"),
        (("table", "--per-page", "0"), "per-page"),
        (("table", "--curves", "--set", "theta"), "NAME=NUMBER"),
        (("table", "-f", "text", "--columns", "shrinkage"), "--columns is for LaTeX tables, not for --format text"),
        (("table", "-f", "markdown", "--per-page", "3"), "--per-page is for LaTeX"),
        (("table", "--width", "nan"), "width"),
        (("paper", "-o", "tables.txt"), r"\.pdf or \.tex"),
        (("paper",), "--output"),
    ],
)
def test_a_wrong_layout_is_refused(symtrans, words, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert_refused(symtrans(*words), complaint)
    assert list(tmp_path.iterdir()) == []


def test_the_paper_is_written(symtrans, tmp_path):
    tex = tmp_path / "new" / "tables.tex"
    assert assert_done(symtrans("paper", "-o", tex)) == f"wrote {tex}\n"
    assert tex.read_text(encoding="utf-8") == (GENERATED / "tables" / "paper.tex").read_text(encoding="utf-8")


@pytest.mark.long
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex")
def test_the_paper_is_set(symtrans, tmp_path):
    pdf = tmp_path / "tables.pdf"
    out = assert_done(symtrans("paper", "-o", pdf))
    assert out == f"wrote {pdf}\nwrote {pdf.with_suffix('.tex')}\n"
    assert pdf.read_bytes().startswith(b"%PDF")


def test_without_tex_the_paper_says_so_and_leaves_nothing(symtrans, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert_refused(symtrans("paper", "-o", tmp_path / "new" / "tables.pdf"), r"install TeX Live.*\.tex file only")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.long
def test_the_whole_catalogue_in_a_table(symtrans):
    out = assert_done(symtrans("table", "--all"))
    assert all(name in out for name in st.catalogue)


def test_plot(symtrans, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "curves.png"
    out = assert_done(symtrans("plot", "soft", "hard", "-o", path, "--set", "theta=0.5"))
    assert str(path) in out
    assert path.read_bytes().startswith(b"\x89PNG")
    assert_refused(symtrans("plot", "soft", "-o", tmp_path / "curves.bmp"), r"\.png")


# ---------------------------------------------------------------------------
# generate and check


def test_generate(symtrans, tmp_path):
    out = assert_done(symtrans("generate", "perona-malik", "--blocks", "4", "-o", tmp_path / "kernels"))
    assert sorted(p.name for p in (tmp_path / "kernels").iterdir()) == ["perona_malik_f64.c", "perona_malik_f64.h"]
    assert out.count("wrote") == 2
    source = Network(st.catalogue["perona-malik"], 4).source("numpy", "float32")
    words = ("generate", "perona-malik", "--blocks", "4", "-t", "numpy", "--dtype", "float32")
    assert assert_done(symtrans(*words)) == source["perona_malik_f32.py"]
    assert json.loads(assert_done(symtrans(*words, "--json"))) == dict(source)
    assert assert_done(symtrans("generate", "soft", "--tau", "3/4", "--unstable"))


NETWORKS = {
    "family": lambda: Network(st.catalogue["truncated-tv"], 3),
    "options": lambda: Network(st.catalogue["hard"], 2, "1/50", "1/3", "periodic"),
    "unstable": lambda: Network(st.catalogue["hard"], tau="3/4", unstable="allow"),
    "symbols": lambda: Network(st.catalogue["charbonnier"], tau="tau", h="h"),
    "expression in h": lambda: Network(st.catalogue["charbonnier"], h="h"),
    "diffusivity": lambda: Network(Diffusivity("exp(-r^2/(2 lambda^2))"), 2),
    "activation": lambda: Network(Activation("Piecewise((r, |r| <= theta), (theta sgn(r), otherwise))")),
    "regulariser": lambda: Network(st.Regulariser("2 lambda^2 (sqrt(1 + r^2/lambda^2) - 1)")),
    "variable": lambda: Network(Diffusivity("exp(-x^2)", variable="x")),
    "parameter r": lambda: Network(Diffusivity("exp(-x^2/r^2)", variable="x")),
    "step of a parameter": lambda: Network(Diffusivity("a exp(-r^2)")),
    "shrinkage": lambda: Network(Shrinkage("Max(|r| - theta, 0)*sgn(r)")),
    "shrinkage of its tau": lambda: Network(Shrinkage("Max(|r| - theta, 0)*sgn(r)", tau="1/8")),
    "shrinkage of another tau": lambda: Network(Shrinkage("Max(|r| - theta, 0)*sgn(r)", tau="1/4"), tau="1/8"),
    "translated": lambda: Network(st.translate(Diffusivity("exp(-r^2)"), tau="1/10")),
    "own name": lambda: Network(Diffusivity("exp(-r^2)"), name="mine"),
    "family of one's own name": lambda: Network(st.translate(Diffusivity("exp(-r^2)"), name="mine")),
}


@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("name", NETWORKS)
def test_the_command_in_a_header_makes_the_same_files(symtrans, name, target):
    source = NETWORKS[name]().source(target, "float32")
    for text in source.values():
        (command,) = re.findall(r"symtrans (generate .*)", text)
        found = json.loads(assert_done(symtrans(*shlex.split(command), "--json")))
        assert found == dict(source)


def test_check(symtrans, tmp_path):
    folder = tmp_path / "generated"
    golden.write(folder)
    assert "as symtrans emits them" in assert_done(symtrans("check", folder))
    victim = folder / "tables" / "families.md"
    victim.write_text("changed")
    (folder / "tables" / "dictionary.md").unlink()
    (folder / "extra").write_text("")
    result = symtrans("check", folder)
    assert result.status == 1
    assert "-changed" in result.out
    assert "+| " in result.out
    assert "extra is not generated" in result.out
    assert "--update" in result.err
    assert "Traceback" not in result.err
    (folder / "extra").unlink()
    assert_done(symtrans("check", folder, "--update"))
    assert_done(symtrans("check", folder))


# ---------------------------------------------------------------------------
# denoise

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
    assert np.loadtxt(tmp_path / "out.csv", delimiter=",").shape == (9, 2)


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


def test_a_closed_pipe_is_no_error():
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "symtrans.cli", "table", "--format", "latex"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as run:
        run.stdout.close()
        assert "Traceback" not in run.stderr.read()
    assert run.returncode == 0
