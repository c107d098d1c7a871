"""generate and check."""

import json
import re
import shlex

import pytest

import symtrans as st
from symtrans import Activation, Diffusivity, Network, Shrinkage
from tests.cli.results import assert_done, assert_refused


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


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--json", "-o", "kernels"), "--json prints the sources, and --output kernels writes them"),
        (("--threads", "4"), "No such option: --threads; of target c there are --accuracy"),
        (("hard",), "hard is one word too many; call this command once for each nonlinearity"),
        (("theta=2",), "given its value by --set theta=2"),
        (("--cycle", "3"), "take --scheme fsi"),
        (("--h", "1x1"), "have commas between them, as in 1,1"),
    ],
)
def test_slips_of_generate_say_what_was_meant(symtrans, words, said):
    assert_refused(symtrans("generate", "soft", *words), said)


def test_a_file_is_no_folder_for_sources(symtrans, tmp_path):
    (tmp_path / "there.c").write_text("")
    assert_refused(symtrans("generate", "soft", "-o", tmp_path / "there.c"), "there.c is a file")
