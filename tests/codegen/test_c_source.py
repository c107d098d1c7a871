"""The generated C: clean for every compiler, at home in any program, the same on every run."""

import os
import re
import shutil
import subprocess
import sys
from itertools import product

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, Network, NonlinearityError, StabilityError, __version__, catalogue
from symtrans.catalogue import TABLE_3
from symtrans.codegen.program.lowering import cut
from symtrans.codegen.program.shared_parts import R
from symtrans.codegen.targets.c.text import CText
from symtrans.codegen.targets.text import literal
from symtrans.language.symbols import keyword_of

STRICT = ("-O1", "-Wall", "-Wextra", "-Wpedantic", "-Werror")
COMPILERS = {
    "gcc": ("gcc", "-std=c11", *STRICT),
    "clang": ("clang", "-std=c11", *STRICT),
    "g++": ("g++", "-x", "c++", *STRICT),
    "clang++": ("clang++", "-x", "c++", *STRICT),
}
IN_TURN = [pytest.param(name, marks=pytest.mark.long if "++" in name else ()) for name in COMPILERS]
SANITIZERS = ("-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
DTYPES = {"float64": "double", "float32": "float"}
OTHERS = {
    "dead_zone": Activation("Max(|r| - 1, 0)*sgn(r)"),
    "sign_of": Activation("sgn(r)"),
    "isolated": Activation("Piecewise((3 r, |r| == 1), (r/2, otherwise))"),
    "root": Activation("Piecewise((0, |r| <= a), (sgn(r) sqrt(r^2 - a^2), otherwise))"),
    "rational_power": Activation("r/(1 + r^2/b^2)^(7/3)"),
    "sine": Activation("sin(r)"),
}


def network(key, **options):
    if key in OTHERS:
        return Network(OTHERS[key], **{"name": key, "tau": "1/8", "unstable": "allow", **options})
    return Network(st.catalogue[key], **options)


def run(command, folder, **options):
    """Run a command and return its output; a failure shows the words of the command."""
    done = subprocess.run(
        list(map(str, command)), cwd=folder, capture_output=True, text=True, timeout=300, check=False, **options
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def without_comments(text):
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def forward(text):
    """A source without its adjoint, which sums in double and needs memory for its work."""
    return text.partition("#ifndef WITHOUT_VJP")[0]


def c_text(key, dtype="float64", **options):
    return c_text_of(network(key, **options), dtype)


def c_text_of(network, dtype="float64"):
    (text,) = (t for n, t in network.source("c", dtype).items() if n.endswith(".c"))
    return text


# ---------------------------------------------------------------------------
# Compilers


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
@pytest.mark.parametrize("compiler", COMPILERS)
def test_compiles_without_a_warning(compiler, every, tmp_path):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    turn = list(COMPILERS).index(compiler)
    for k, (name, dtype) in enumerate(product((*TABLE_3, *OTHERS), DTYPES)):
        if every or (k + k // 4) % 4 == turn:  # one template makes them all, so they take turns
            network(name, blocks=4).source("c", dtype).write(tmp_path)
    periodic = {"boundary": "periodic", "h": "1/3", "tau": "1/50", "name": "periodic"}
    network("perona-malik", **periodic).source("c", "float32").write(tmp_path)
    network("truncated-tv", **{**periodic, "name": "symbolic"}, blocks=1).source("c").write(tmp_path)
    network("truncated-bfb", tau="tau", h="h", name="called").source("c").write(tmp_path)
    sources = sorted(tmp_path.glob("*.c"))
    assert len(sources) == (24 if every else 6) + 3
    # gcc finds some faults only while it optimises; the others say all they have to say once they have read it
    kind = "-c" if compiler == "gcc" else "-fsyntax-only"
    run([*COMPILERS[compiler], kind, *sources], tmp_path)


# ---------------------------------------------------------------------------
# In a program of one's own

MAIN = """\
#include <stdio.h>
#include "perona_malik_{suffix}.h"

int main(void)
{{
    {real} u[2][5] = {{{{0, 1, -2, 3, 1}}, {{4, 4, 0, -1, 9}}}};
    perona_malik_{suffix}(&u[0][0], &u[0][0], 2, 5, {lam});
    for (int i = 0; i < 10; i++)
        printf("%.17g\\n", (double)u[i / 5][i % 5]);
    return 0;
}}
"""


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_a_ten_line_program(compiler, dtype, tmp_path):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler}")
    network = Network(st.catalogue["perona-malik"], blocks=4)
    network.source("c", dtype).write(tmp_path)
    suffix = {"float64": "f64", "float32": "f32"}[dtype]
    lam = "0.75" if dtype == "float64" else "0.75f"
    main = MAIN.format(suffix=suffix, real=DTYPES[dtype], lam=lam)
    run([*COMPILERS[compiler], "-c", f"perona_malik_{suffix}.c", "-o", "kernel.o"], tmp_path)
    expected = network.compile("numpy", dtype)([[0, 1, -2, 3, 1], [4, 4, 0, -1, 9]], lam=0.75)
    # the main of a C++ compiler is C++, the kernel is C: the header makes them fit
    others = {"gcc": "g++", "clang": "clang++"}
    for language, name, of in ((compiler, "main.c", "-std=c11"), (others[compiler], "main.cpp", "-std=c++17")):
        if shutil.which(language) is None:
            continue
        (tmp_path / name).write_text(main)
        run([language, of, *STRICT, name, "kernel.o", "-o", "program", "-lm"], tmp_path)
        found = np.array(run(["./program"], tmp_path).split(), dtype=float).reshape(2, 5)
        np.testing.assert_allclose(found, expected, rtol=0, atol=64 * 9 * np.finfo(dtype).eps)


TRIAL = """\
#include <stdio.h>
#include <stdlib.h>
{includes}
/* reads samples, filters them by the kernel whose number is given; the block on the heap is exactly as long */
#define RUN(real, call) {{ \\
    real *f = malloc(total * sizeof(real)), *u = malloc(total * sizeof(real)); \\
    real *grad = malloc(total * sizeof(real)); double by[3]; (void)by; \\
    for (size_t i = 0; i < total; i++) f[i] = (real)strtod(argv[4 + i], NULL); \\
    call; \\
    for (size_t i = 0; i < total; i++) printf("%.17g\\n", (double)u[i]); \\
    free(f); free(u); free(grad); }} break

int main(int argc, char **argv)
{{
    const int which = atoi(argv[1]);
    const size_t signals = strtoul(argv[2], NULL, 10), samples = strtoul(argv[3], NULL, 10);
    const size_t total = signals * samples;
    if ((size_t)argc != 4 + total) return 3;
    switch (which) {{
{cases}
    }}
    return 0;
}}
"""


@pytest.mark.parametrize("every", [False, pytest.param(True, marks=pytest.mark.long)])
def test_clean_under_the_sanitizers(every, tmp_path):
    """Random and extreme data, N around the length of a strip, reflecting and periodic, out of place; adjoints too."""
    compiler = next(filter(shutil.which, ("gcc", "clang")), None)
    if compiler is None:
        pytest.skip("neither gcc nor clang")
    # one template makes them all, so the types take turns, and now and then one block alone, which has a way of its own
    made = [
        (network(name, blocks=1 if k % 4 == 3 else 3), list(DTYPES)[k % 2])
        for k, name in enumerate((*TABLE_3, *OTHERS))
    ]
    periodic = {"boundary": "periodic", "h": "1/3", "tau": "1/50", "blocks": 3}
    made += [(network("perona-malik", name="periodic_pm", **periodic), dtype) for dtype in DTYPES]
    made += [(network("truncated-quadratic", name="periodic_hard", **{**periodic, "blocks": 1}), t) for t in DTYPES]
    made = made if every else made[::3]
    differentiated = range(0, len(made), 3)
    includes, cases = "", ""
    for index, (net, dtype) in enumerate(made):
        stem = net.name + {"float64": "_f64", "float32": "_f32"}[dtype]
        net.source("c", dtype).write(tmp_path)
        includes += f'#include "{stem}.h"\n'
        values = "".join(", (float)0.75" for _ in net.parameters)
        call = f"{stem}(f, u, signals, samples{values})"
        if index in differentiated:
            by = ", by" if net.parameters else ""
            call += f"; if ({stem}_vjp(f, f, grad{by}, signals, samples{values}, 1 + (int)signals)) return 4"
        cases += f"    case {index}: RUN({DTYPES[dtype]}, {call});\n"
    (tmp_path / "main.c").write_text(TRIAL.format(includes=includes, cases=cases))
    (tmp_path / "probe").write_text("int main(void) { return 0; }")
    probe = [compiler, *SANITIZERS, "-x", "c", "probe", "-o", "probe.out"]
    if subprocess.run(probe, cwd=tmp_path, capture_output=True, timeout=60, check=False).returncode:
        pytest.skip(f"{compiler} comes without sanitizers")
    with_adjoint = {f"{made[k][0].name}_f{'32' if made[k][1] == 'float32' else '64'}.c" for k in differentiated}
    for source in sorted(tmp_path.glob("*.c")):
        adjoint = [] if source.name in with_adjoint else ["-DWITHOUT_VJP"]
        run([compiler, "-std=c11", *SANITIZERS, *adjoint, "-c", source], tmp_path)
    run([compiler, *SANITIZERS, *tmp_path.glob("*.o"), "-o", "program", "-lm"], tmp_path)
    rng = np.random.default_rng(0)
    extreme = rng.choice([0, -0.0, 5e-324, 1e-45, 1e-30, 1e30, -1e30, 1, -1, 0.75, np.inf, np.nan], 18)
    huge = np.array([1.7e308, -1.7e308, 0, 1e308])
    for index, (net, dtype) in enumerate(made):
        # every kernel comes from one template, so the sizes take turns
        samples = (1, 2, 127, 256, 257, 513)[index % 6]
        trials = [extreme.reshape(2, 9), rng.integers(-16, 17, (1, samples)) / 8]
        trials += [[huge.reshape(1, 4), np.zeros((0, 3)), np.zeros((2, 0))][index % 3]]
        for u in trials:
            text = run(["./program", index, *u.shape, *map(repr, u.ravel().tolist())], tmp_path)
            found = np.array(text.split(), dtype=float).reshape(u.shape)
            with np.errstate(all="ignore"):
                kernel = net.compile("numpy", dtype)
                expected = kernel(u.astype(dtype), **{keyword_of(s): 0.75 for s in net.parameters})
                finite = np.isfinite(expected)
                assert np.array_equal(np.isfinite(found), finite)
                size = np.abs(expected[finite]).max(initial=1.0)
                tolerance = 3 * 64 * np.finfo(dtype).eps * size
            np.testing.assert_allclose(found[finite], expected[finite], rtol=0, atol=tolerance)


# ---------------------------------------------------------------------------
# The text


@pytest.mark.parametrize("name", [*TABLE_3, *OTHERS])
def test_every_literal_has_the_type_of_the_kernel(name):
    number = re.compile(r"(?<![\w.])(?:\d+\.\d*|\.\d+|\d+(?=[eE]))(?:[eE][+-]?\d+)?(\w*)")
    text = forward(without_comments(c_text(name, "float32", h="1/3", tau="1/50")))
    constants = re.search(r"constants_of\(.*?\n}\n", text, flags=re.DOTALL).group(0)  # in double, rounded once
    assert [m.group(0) for m in number.finditer(constants) if m.group(1)] == []
    single = text.replace(constants, "")
    literals = [match.group(0) for match in number.finditer(single)]
    assert literals
    assert [text for text in literals if not text.endswith("f")] == []
    double = without_comments(c_text(name, "float64", h="1/3", tau="1/50"))
    assert [m.group(0) for m in number.finditer(double) if m.group(1)] == []
    # the functions too: expf, not exp
    called = set(re.findall(r"\b(fabs|sqrt|exp|log|pow|sin|cos|tan|tanh|copysign|fmax|fmin)\(", single))
    assert called == set()
    assert "double" not in single
    guess = re.search(r"about_rsqrt\(vec a\)\n{.*?\n}\n", double, flags=re.DOTALL)  # by an instruction for floats
    assert "float" not in (double.replace(guess.group(0), "") if guess else double)


@pytest.mark.parametrize("name", [*TABLE_3, *OTHERS])
@pytest.mark.parametrize("boundary", ["reflecting", "periodic"])
def test_one_flux_an_edge_and_no_allocation(name, boundary):
    text = forward(without_comments(c_text(name, boundary=boundary, blocks=7)))
    assert not re.search(r"alloc|alloca|\bnew\b|free", text)
    assert len(re.findall(r"\bflux\(", text)) == 2  # its definition, and the one use
    (turns,) = re.findall(r"for \(; q \+ turns <= to.*?\n    }\n", text, flags=re.DOTALL)
    assert len(re.findall(r"\bfluxes\(", turns)) == 1
    assert len(re.findall(r"\bfluxes\(", text)) == 3  # its definition, and the last edges of a signal alone
    assert "M_SQRT2" not in text
    assert "M_PI" not in text


@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("name", TABLE_3)
def test_the_header_says_what_it_is_and_where_it_comes_from(name, target):
    source = network(name, blocks=5).source(target, "float32")
    for text in source.values():
        assert f"symtrans {__version__}" in text
        assert re.search(r"specification [0-9a-f]{16}\b", text)
        assert f"symtrans generate {name} --blocks 5 --tau 1/4 --target {target} --dtype float32" in text
        assert "max-min principle" in text
        assert "proved" in text
        assert "/home" not in text
        assert "/work" not in text
        assert "/tmp" not in text
        assert not re.search(r"\b20\d\d\b", text)


def test_the_specification_tells_networks_apart():
    def digest(*args, dtype="float64", **options):
        text = "".join(Network(*args, **options).source("c", dtype).values())
        return re.search(r"specification ([0-9a-f]+)", text).group(1)

    family = st.catalogue["charbonnier"]
    variants = [
        digest(family),
        digest(family, blocks=2),
        digest(family, tau="1/5"),
        digest(family, tau="1/5", h=2),
        digest(family, boundary="periodic"),
        digest(family, dtype="float32"),
        digest(st.catalogue["perona-malik"]),
        digest(family, name="other"),
    ]
    assert len(set(variants)) == len(variants)
    assert digest(family) == variants[0]


PRINT = """
import symtrans as st
from symtrans import Activation
two = Activation("Piecewise((b r + a tanh(r), |r| <= theta), (a sgn(r) exp(-|r|/lambda) + r/(1 + r^2), otherwise))")
for net in (st.Network(st.catalogue["truncated-bfb"], 2), st.Network(two, tau="t", h="h", unstable="allow")):
    for target in ("c", "numpy"):
        print(*net.source(target).values())
"""


@pytest.mark.long
def test_the_source_is_the_same_for_every_hash_seed(tmp_path, capsys):
    exec(PRINT, {})  # with the seed of this process
    here = capsys.readouterr().out
    seed = "1" if os.environ.get("PYTHONHASHSEED") != "1" else "77"
    assert run([sys.executable, "-c", PRINT], tmp_path, env={**os.environ, "PYTHONHASHSEED": seed}) == here
    assert "flux" in here


def test_files_are_written_whole_and_called_after_the_network(tmp_path):
    source = network("charbonnier").source()
    assert sorted(source) == ["charbonnier_f64.c", "charbonnier_f64.h"]
    assert "charbonnier_f64.c" in repr(source)
    paths = source.write(tmp_path / "deep" / "folder")
    assert sorted(p.name for p in paths) == sorted(source) == sorted(p.name for p in paths[0].parent.iterdir())
    for path in paths:
        assert path.read_text(encoding="utf-8") == source[path.name]
    assert all(text.endswith("\n") and "\r" not in text for text in source.values())
    assert not any(line != line.rstrip() for text in source.values() for line in text.splitlines())
    assert list(network("charbonnier", name="mine").source("numpy", "float32")) == ["mine_f32.py"]


# ---------------------------------------------------------------------------
# Printers

x, y = sp.symbols("x y", positive=True)


@pytest.mark.parametrize(
    ("expr", "node"),
    [
        (sp.zeta(x), "zeta"),
        (1 + x * sp.besselj(1, x), "besselj"),
        (sp.Piecewise((R, R > 1), (0, True)), "Piecewise"),
        (sp.Function("mystery")(x), "mystery"),
        (sp.Integral(sp.sin(y) / y, (y, 0, x)), "Integral"),
        (sp.Heaviside(x - 1), "Heaviside"),
    ],
)
def test_what_is_not_known_is_refused(expr, node):
    with pytest.raises(NonlinearityError, match=node):
        cut(expr)


def test_functions_of_the_c_library_are_called_lane_by_lane():
    network = Network(Activation("erf(r)"), tau="1/8", unstable="allow")
    text = next(text for name, text in network.source("c", accuracy="strict").items() if name.endswith(".c"))
    assert "LANEWISE(erf)" in text
    assert "erf_vec(r[each])" in text


@pytest.mark.parametrize(
    ("expr", "text"),
    [
        (x - y, "x - y"),
        (-x - y, "-x - y"),
        (x - (y - 1), "1.0 + x - y"),
        (x / y, "x / y"),
        (x / (y * (x + 1)), "x / (y * (1.0 + x))"),
        (-x / 2, "-0.5 * x"),
        (1 / x**2, "1.0 / (x * x)"),
        (sp.sqrt(x), "sqrt(x)"),
        (x ** sp.Rational(3, 2), "x * sqrt(x)"),
        (x**y, "pow(x, y)"),
        (sp.exp(-x), "exp(-x)"),
        (sp.log(1 + x), "log(1.0 + x)"),
        (sp.Abs(x - y), "fabs(x - y)"),
        (sp.Max(x, y), "fmax(x, y)"),
        (sp.Rational(1, 3), "0.3333333333333333"),
        (sp.sqrt(2), "1.4142135623730951"),
        (sp.Integer(3), "3.0"),
    ],
)
def test_c_text_of_expressions(expr, text):
    instructions, value = cut(expr)
    writer = CText("float64")
    assert writer.lines(instructions) == []
    assert writer(value) == text


def test_literals_are_the_nearest_of_their_type():
    assert CText("float32").literal(sp.Rational(1, 10)) == "0.1f"
    assert CText("float32").literal(sp.Integer(2) ** 40).endswith("f")
    assert float(literal(sp.pi, "float64")) == np.pi
    for bad in (sp.Integer(10) ** 39, sp.Rational(1, 10**50)):
        with pytest.raises(NonlinearityError, match="float32"):
            literal(bad, "float32")
        literal(bad, "float64")


def test_a_number_too_large_for_the_dtype_is_refused():
    network = Network(Diffusivity("10^(-60)/(10^(-60) + r^2)"))
    network.source("c", "float64")
    with pytest.raises(NonlinearityError, match="float32"):
        network.source("c", "float32")


@pytest.mark.parametrize("target", ["c", "numpy"])
def test_a_step_that_depends_on_cases_of_the_parameters(target):
    """sup g of this family has three cases; a kernel of it was refused for want of a form for them."""
    if target == "c" and shutil.which("cc") is None:
        pytest.skip("no C compiler")
    net = Network(catalogue["sure-let-pair"], blocks=2)
    kernel = net.compile(target)
    words = dict.fromkeys(map(keyword_of, net.parameters), 1.0)
    u = kernel([0.0, 1.0, 5.0], **{**words, "a": 0.5})
    assert 0 <= u.min() <= u.max() <= 5
    with pytest.raises(StabilityError):
        kernel([0.0, 1.0, 5.0], **{**words, "a": 2.0})


def test_digits_next_to_zero_are_kept():
    """1 - exp(-y) and log(1 + t) are functions of their own, and high powers are squares of squares."""
    weickert = Network(catalogue["weickert-8"], blocks=2)
    source = weickert.source("c", "float32")["weickert_8_f32.c"]
    assert "expm1_negative_vec(" in source
    assert "pow_vec" not in source
    assert "np.expm1(" in weickert.source("numpy")["weickert_8_f64.py"]
    assert "np.log1p(" in Network(catalogue["symlog"], blocks=2).source("numpy")["symlog_f64.py"]


@pytest.mark.long
def test_every_family_with_a_stable_step_has_a_kernel():
    for name, family in catalogue.items():
        try:
            net = Network(family, blocks=2)
        except StabilityError:
            continue
        for target in ("c", "numpy"):
            assert net.source(target, "float32"), name


@pytest.mark.parametrize("target", ["c", "numpy", "torch", "jax"])
def test_the_head_is_a_formula_in_r_whatever_the_variable_is_called(target):
    own, usual = (Network(Activation(f"{x}/(1 + {x}^2)")).source(target) for x in ("x", "r"))
    assert any("Phi(r) = x/(1 + x^2) at x = r\n" in text for text in own.values())
    assert any("Phi(r) = r/(1 + r^2)\n" in text for text in usual.values())
