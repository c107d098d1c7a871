"""What people are likely to get wrong: each mistake ends in one error of the class they expect, with the remedy."""

import re
import subprocess
import sys
import traceback

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import cli

u, x, soft = np.zeros(8), sp.Symbol("x"), st.catalogue["soft"]
kernel = st.Network("soft", blocks=2).compile("numpy")

MISTAKES = [
    ("a misspelt family", lambda: st.catalogue["perona-malk"], st.CatalogueError, r"did you mean perona-malik"),
    ("a misspelt family as attribute", lambda: st.catalogue.perona_malk, AttributeError, r"did you mean perona-malik"),
    (
        "an even activation",
        lambda: st.Activation("r^2"),
        st.NonlinearityError,
        r"needs f\(-r\) = -f\(r\), and it is even: is it a diffusivity or regulariser\?",
    ),
    (
        "an odd diffusivity",
        lambda: st.Diffusivity("r"),
        st.NonlinearityError,
        r"is it an activation or a shrinkage\? If not, write it in \|r\|",
    ),
    ("relu", lambda: st.Activation("relu(r)"), st.NonlinearityError, r"its odd part is r/2, Activation.odd_part"),
    ("gelu", lambda: st.Activation("gelu(r)"), st.NonlinearityError, r"its odd part is r/2, Activation.odd_part"),
    ("a constant in a regulariser", lambda: st.Regulariser("1 + r^2"), st.NonlinearityError, r"Subtract it"),
    (
        "the variable x without saying so",
        lambda: st.Activation("x/(1 + x^2/r)"),
        st.NonlinearityError,
        r"Give it one with Piecewise",
    ),
    ("an unclosed bracket", lambda: st.Diffusivity("exp(-r^2"), st.ParseError, r"expected '\)' to close"),
    ("python power of names", lambda: st.Diffusivity("exp(-r**2/2lambda^2)"), st.ParseError, r"write \* or brackets"),
    ("a misspelt function", lambda: st.Diffusivity("expp(-r^2)"), st.ParseError, r"did you mean exp"),
    ("a keyword as a parameter", lambda: st.Diffusivity("import + r^2"), st.ParseError, r"reserved word"),
    ("a pole", lambda: st.Activation("1/r"), st.NonlinearityError, r"Give it one with Piecewise"),
    ("a log of zero", lambda: st.Diffusivity("log(r)"), st.NonlinearityError, r"Give it one with Piecewise"),
    ("complex values", lambda: st.Diffusivity("sqrt(1 - r^2)"), st.NonlinearityError, r"Give it one with Piecewise"),
    ("a kind for a kind", lambda: soft.to("activaton"), st.NonlinearityError, r"none of Diffusivity, "),
    ("a class that is none", lambda: soft.to(int), st.NonlinearityError, r"none of Diffusivity, "),
    ("a formula without its kind", lambda: st.translate("exp(-r^2)"), st.NonlinearityError, r"say which kind it is"),
    ("sympy without its kind", lambda: st.translate(x), st.NonlinearityError, r"say which kind it is"),
    ("a network of a formula", lambda: st.Network("exp(-r^2)"), st.NonlinearityError, r"say which kind it is"),
    ("too large a step", lambda: st.Network("soft", tau=1), st.StabilityError, r"take tau <= 1/2"),
    ("a step of zero", lambda: st.Network("soft", tau=0), st.NonlinearityError, r"must be positive"),
    ("no blocks", lambda: st.Network("soft", blocks=0), st.NonlinearityError, r"whole number from 1"),
    ("half a block", lambda: st.Network("soft", blocks=2.5), st.NonlinearityError, r"whole number from 1"),
    (
        "an unknown boundary",
        lambda: st.Network("soft", boundary="neumann"),
        st.NonlinearityError,
        r"none of reflecting, periodic",
    ),
    (
        "an unknown scheme",
        lambda: st.Network("soft", scheme="aos"),
        st.NonlinearityError,
        r"none of explicit, semi-implicit",
    ),
    ("an unknown target", lambda: st.Network("soft").compile("cuda"), st.NonlinearityError, r"none of c, numpy"),
    (
        "an unknown dtype",
        lambda: st.Network("soft").compile("numpy", dtype="float16"),
        st.NonlinearityError,
        r"none of float64, float32",
    ),
    ("a kernel without its parameter", lambda: kernel(u), st.NonlinearityError, r"for example \(theta=1.0\)"),
    (
        "a kernel with the wrong parameter",
        lambda: kernel(u, lam=1.0),
        st.NonlinearityError,
        r"the parameters are theta",
    ),
    ("a negative parameter", lambda: kernel(u, theta=-1.0), st.NonlinearityError, r"finite positive number"),
    ("complex samples", lambda: kernel(u + 1j, theta=1.0), st.NonlinearityError, r"real numbers"),
    ("text for samples", lambda: kernel(["a"], theta=1.0), st.NonlinearityError, r"real numbers"),
    ("a kind without its parameter", lambda: soft.activation(u), st.NonlinearityError, r"for example \(theta=1.0\)"),
    ("a value for what is no parameter", lambda: soft.subs(lam=1), st.NonlinearityError, "theta, or c instead"),
    ("values as text", lambda: soft.subs("theta=1"), st.NonlinearityError, r"for example subs\(lam=2\)"),
    ("a kind of another kind", lambda: st.Shrinkage(soft.activation), st.NonlinearityError, r"\.to\('shrinkage'\)"),
    ("a kind of a family", lambda: st.Activation(soft), st.NonlinearityError, r"catalogue\['soft'\]\.activation"),
    ("a positional value", lambda: soft.activation(u, 1.0), st.NonlinearityError, r"by keyword: theta=..."),
    ("a plot with a wrong parameter", lambda: soft.plot(lam=2), st.NonlinearityError, r"the parameters are theta"),
    ("a comparison with no family", lambda: soft.compare("sofft"), st.NonlinearityError, r"did you mean soft"),
    ("a search with no text", lambda: st.catalogue.search(None), st.CatalogueError, r"takes text, such as"),
    ("a flux without bound", lambda: st.certify(st.Diffusivity("1/r^2")), st.NonlinearityError, r"Truncate it near 0"),
    (
        "a file for an array",
        lambda: st.denoise("image.png", "soft"),
        st.NonlinearityError,
        r"num_iter, the number of steps, or time",
    ),
    (
        "denoise without its parameter",
        lambda: st.denoise(np.zeros((4, 4)), "soft", num_iter=2),
        st.NonlinearityError,
        r"give a value to theta",
    ),
    (
        "denoise without a number of steps",
        lambda: st.denoise(np.zeros((4, 4)), "soft", theta=1.0),
        st.NonlinearityError,
        r"num_iter, the number of steps, or time",
    ),
    (
        "an assumption that contradicts",
        lambda: st.Activation("a*r", assume=["a < -1"]),
        st.NonlinearityError,
        r"holds for no values",
    ),
    (
        "an order that is not told",
        lambda: st.translate(st.Activation("Piecewise((r, |r| <= a), (a sgn(r), |r| <= b), (a b/r, otherwise))")),
        st.NonlinearityError,
        r"Say so with an assumption",
    ),
    (
        "knots that descend",
        lambda: st.Activation.from_knots([0, 2, 1], [0, 1, 2]),
        st.NonlinearityError,
        r"in ascending order",
    ),
    ("a proximal map of a negative weight", lambda: soft.proximal(-1), st.NonlinearityError, r"must be positive"),
    ("a norm that is none", lambda: soft.certificate.growth("1/4", norm=3), st.NonlinearityError, r"none of 1, 2, oo"),
    (
        "a rule that is none",
        lambda: st.dictionary["activation", "activation"],
        st.CatalogueError,
        r"give source and target, two of",
    ),
    ("a name of symtrans that is none", lambda: st.Activaton, AttributeError, r"did you mean Activation"),
]


@pytest.mark.parametrize(("call", "error", "remedy"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES])
def test_a_mistake_ends_in_one_error_that_names_the_remedy(call, error, remedy, monkeypatch):
    monkeypatch.delenv("SYMTRANS_TRACEBACK", raising=False)
    with pytest.raises(error, match=remedy) as caught:
        call()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    ours = [
        f for f in traceback.extract_tb(caught.value.__traceback__) if "/symtrans/" in f.filename.replace("\\", "/")
    ]
    assert len(ours) <= 2


ECG = ["denoise", "ecg"]
TYPED = [
    ("a misspelt command", ["translte", "soft"], r"Did you mean 'translate'"),
    ("no command", ["soft"], r"'soft' is a nonlinearity, and no command: symtrans translate soft$"),
    ("a formula for a command", ["tanh(r)"], r"no command: symtrans translate 'tanh\(r\)'$"),
    ("help", ["help"], r"symtrans COMMAND --help$"),
    ("a misspelt option", ["translate", "soft", "--knd", "shrinkage"], r"No such option: --knd"),
    ("a misspelt family", ["translate", "perona-malk"], r"did you mean perona-malik"),
    ("a formula without its kind", ["translate", "exp(-r^2)"], r"say what it is with --kind"),
    ("an activation that is not odd", ["certify", "relu(r)", "-k", "activation"], r"r/2, which may be entered instead"),
    ("a Greek variable", ["certify", "exp(-xi)", "-k", "diffusivity"], r"'exp\(-\|xi\|\)'.* with --variable r it is"),
    ("a constant in a regulariser", ["certify", "1 + r^2", "-k", "regulariser"], r"Subtract it: 'r\^2'$"),
    ("thresholds of any order", ["certify", "max(|r|, a) - max(|r|, b)", "-k", "diffusivity"], r'--assume "a < b"'),
    ("a loss of another package", ["translate", "ArctanLoss"], r"is the regulariser a\*atan\(r\^2/a\)"),
    ("two names for a step", ["translate", "soft", "--tau", "a b"], r"side by side; write \* between"),
    ("a spoken power", ["certify", "r squared", "-k", "diffusivity"], r"squared is written \^2"),
    ("an unclosed bracket", ["translate", "exp(-r^2", "--kind", "diffusivity"], r"expected '\)' to close"),
    ("no such picture", ["denoise", "no.png"], r"no.png cannot be read as an image: no such file or directory$"),
    ("no such signal", ["denoise", "no.csv"], r"no.csv cannot be read as a signal: no such file or directory$"),
    ("a file of another kind", ["denoise", "no.doc"], r"neither 'ecg' nor a file ending in"),
    ("a parameter without value", ECG, r"give a value to lam, for example --set lam=1"),
    ("a value without its parameter", [*ECG, "--set", "15"], r"--set 15"),
    ("a negative parameter", [*ECG, "--set", "lam=-1"], r"positive"),
    ("a parameter of another family", [*ECG, "--with", "soft", "--set", "lam=1"], r"theta"),
    ("a step that is too large", [*ECG, "--set", "lam=1", "--tau", "1"], r"accept it with --unstable"),
    ("a table into a folder", ["table", "soft", "-o", "."], r"is a folder; name a file in it"),
    ("a table below a file", ["table", "soft", "-o", "file/table.txt"], r"file/table.txt: not a directory$"),
    ("a picture of no format", ["plot", "soft", "-o", "curves.bmp"], r"does not end in .png, .pdf or .svg"),
    ("a target that is none", ["generate", "soft", "--target", "cuda"], r"none of c, numpy"),
    (
        "kernels into a file",
        ["generate", "soft", "-o", "file"],
        r"--output file is a file, and the sources are written into a folder$",
    ),
    ("a property that is none", ["certify", "soft", "--require", "stable"], r"none of odd, nonnegative"),
    ("a report of nothing", ["report"], r"name the families to report on"),
    ("a width that is none", ["table", "soft", "--fit", "page"], r"page"),
    ("kernels by the name of a file", ["generate", "soft", "-o", "k.c"], r"into a folder under names of their own"),
    ("two formats", ["translate", "soft", "--json", "--latex"], r"leave one of them out"),
    (
        "a sheet of formulas",
        ["translate", "soft", "-o", "a.csv"],
        r"written as text, in .txt, .json, .tex, not in .csv",
    ),
    ("a document of statements", ["certify", "soft", "-o", "a.tex"], r"written as text, in .txt, .json, not in .tex"),
    ("a table at a URL", ["denoise", "https://example.org/a.csv"], r"only arrays of Zarr are read; copy the file"),
    ("a folder that is none", ["check", "nowhere"], r"nowhere is not a folder"),
]


@pytest.mark.parametrize(("words", "remedy"), [typed[1:] for typed in TYPED], ids=[typed[0] for typed in TYPED])
def test_what_is_mistyped_ends_in_one_error_and_status_2(words, remedy, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("mine")
    monkeypatch.setattr(sys, "argv", ["symtrans", *words])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    said, complaint = capsys.readouterr()
    assert (stop.value.code, said) == (2, "")
    assert re.search(remedy, complaint.replace("\\", "/"), re.MULTILINE)
    assert "Errno" not in complaint
    assert "Traceback" not in complaint
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("file", "mine")]


CELLS = """
import os, sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance(colors="NoColor")
for cell in ("import symtrans as st", "def mine(x):\\n    return st.Network('soft', tau=x)", "mine(3)"):
    shell.run_cell(cell)
for call in ("st.Network()", "st.Activation('r', foo=1)", "st.catalogue.sofft"):
    shell.run_cell(call)
os.environ["SYMTRANS_TRACEBACK"] = "1"
shell.run_cell("mine(4)")
"""


def test_a_notebook_shows_no_frame_of_ours():
    pytest.importorskip("IPython")
    done = subprocess.run([sys.executable, "-c", CELLS], capture_output=True, text=True, check=True)
    short, _, whole = done.stdout.partition("tau = 3 is above")
    assert "----> 2     return st.Network('soft', tau=x)" in short
    assert not re.search(r"public.py|names.py", done.stdout.partition("tau = 4")[0])
    assert "Network() missing 1 required positional argument: 'nonlinearity'" in done.stdout
    assert "Activation() got an unexpected keyword argument 'foo'" in done.stdout
    assert "guarantees.py" in whole
