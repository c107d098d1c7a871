"""The inlined elementary functions: no input has an error above the proved bound, and the proof can fail."""

import ctypes
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from flint import arb, ctx

from symtrans.codegen.approximations.formats import FORMATS
from symtrans.codegen.approximations.polynomials import polynomial, truncation_errors
from symtrans.codegen.approximations.printing import functions
from symtrans.codegen.approximations.programs import EXP2, EXPM1, LOG1P, NAMES, program
from symtrans.codegen.approximations.rounding import proof, prove
from symtrans.runtime.templates import folder, render

needs_compiler = pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler")
DTYPES = ("float64", "float32")
# (lowest, highest) of the proved domain in float32, and beyond it in the last bits
DOMAIN = {
    "exp": (-86.5, 88.7),
    "exp2_negative": (-125.0, 0.0),
    "expm1_negative": (-3.4e38, 0.0),
    "log": (2.0**-126, 3.4e38),
    "log1p": (0.0, 3.4e38),
    "tanh": (-3.4e38, 3.4e38),
    "erf": (-3.4e38, 3.4e38),
    "atan": (-3.4e38, 3.4e38),
    "rsqrt": (2.0**-126, 3.4e38),
    "rsqrt_held": (2.0**-100, 2.0**100),
}

HARNESS = """\
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
{vector}
{approximations}
static inline double rsqrt(double x) {{ return 1 / sqrt(x); }}
static inline double rsqrt_held(double x) {{ return 1 / sqrt(x); }}
{calls}
"""
CALL = """\
void apply_{name}(const real *x, real *y, size_t n)
{{
    size_t i = 0;
    for (; i + ABREAST * LANES <= n; i += ABREAST * LANES) {{
        vec v[ABREAST], w[ABREAST];
        memcpy(v, x + i, sizeof v);
        {name}_vec(ABREAST, v, w);
        memcpy(y + i, w, sizeof w);
    }}
    for (; i + LANES <= n; i += LANES) {{
        vec v, w;
        memcpy(&v, x + i, sizeof v);
        {name}_vec(1, &v, &w);
        memcpy(y + i, &w, sizeof w);
    }}
}}
"""
# the largest error in ulp over the floats with bits first, first + stride ...; double libm is the reference
SWEEP = """\
double worst_{name}(uint32_t first, uint32_t last, uint32_t stride)
{{
    double worst = 0;
    for (uint64_t start = first; start <= last; start += (uint64_t)stride * LANES) {{
        real x[LANES], y[LANES];
        for (int lane = 0; lane < LANES; lane++) {{
            uint64_t bits = start + (uint64_t)stride * lane;
            uint32_t one = bits > last ? last : (uint32_t)bits;
            memcpy(&x[lane], &one, sizeof one);
        }}
        apply_{name}(x, y, LANES);
        for (int lane = 0; lane < LANES; lane++) {{
            const double exact = {reference}((double)x[lane]);
            int power;
            frexp(exact, &power);
            const double error = fabs(y[lane] - exact) / ldexp(1, (power < -125 ? -125 : power) - 24);
            if (!(error <= worst))
                worst = error;
        }}
    }}
    return worst;
}}
"""
LAYOUT = {
    "float64": {"real": "double", "integer": "int64", "wide": "pd", "bits": 64, "one": "1.0", "zero": "0.0", "size": 8},
    "float32": {
        "real": "float",
        "integer": "int32",
        "wide": "ps",
        "bits": 32,
        "one": "1.0f",
        "zero": "0.0f",
        "size": 4,
    },
}


def source(dtype):
    layout = LAYOUT[dtype]
    calls = "".join(CALL.format(name=name) for name in NAMES)
    if dtype == "float32":
        calls += "".join(SWEEP.format(name=n, reference=n.removesuffix("_negative")) for n in NAMES)
    return HARNESS.format(
        vector=render("vector.h", folder("c"), table=None, **layout),
        approximations=render(
            "approximations.h",
            folder("c"),
            approximations=functions(list(NAMES), dtype),
            unsigned="u" + layout["integer"],
            stored=FORMATS[dtype].stored,
            **layout,
        ),
        calls=calls,
    )


def library(folder, dtype, *flags):
    (folder / "functions.c").write_text(source(dtype))
    flags = ("-std=c11", "-O2", "-Wall", "-Wextra", "-Werror", "-ffp-contract=off", "-fPIC", "-shared", *flags)
    command = ["cc", *flags, "functions.c", "-o", "functions.so", "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return ctypes.CDLL(str(folder / "functions.so"))


@pytest.fixture(scope="module")
def libraries(tmp_path_factory):
    return {dtype: library(tmp_path_factory.mktemp(dtype), dtype, "-march=native") for dtype in DTYPES}


def apply(lib, name, x):
    x = np.ascontiguousarray(x)
    padded = np.concatenate([x, np.zeros(-len(x) % 16, x.dtype)])
    y = np.empty_like(padded)
    getattr(lib, f"apply_{name}")(
        ctypes.c_void_p(padded.ctypes.data), ctypes.c_void_p(y.ctypes.data), ctypes.c_size_t(len(y))
    )
    return y[: len(x)]


def sweep(lib, name, stride):
    low, high = DOMAIN[name]
    worst = getattr(lib, f"worst_{name}")
    worst.restype, worst.argtypes = ctypes.c_double, [ctypes.c_uint32] * 3
    bits = [int(np.float32(abs(v)).view(np.uint32)) for v in (low, high)]
    ranges = [(bits[0], bits[1])] if low > 0 else [(0, bits[1])]
    if low < 0:
        ranges.append((0x80000000, 0x80000000 + bits[0]))
    return max(worst(first, last, stride) for first, last in ranges)


@needs_compiler
@pytest.mark.parametrize("name", NAMES)
def test_float32_errors_are_below_the_bound(libraries, name):
    found = sweep(libraries["float32"], name, 1009)
    bound = proof(name, "float32").bound_ulp
    assert 0.5 <= found <= bound
    assert bound < 6 * found  # and the bound is not an idle one


@needs_compiler
@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_every_float32_is_below_the_bound(libraries, name):
    assert sweep(libraries["float32"], name, 1) <= proof(name, "float32").bound_ulp


def exact_ulps(name, x, y):
    """Errors of float64 values in units of the last place, by ball arithmetic of 200 bits."""
    with ctx.workprec(200):
        function = program(name, FORMATS["float64"]).function
        values = [function(arb(v)) for v in x.tolist()]
        units = [FORMATS["float64"].ulp(v) for v in values]
        return [float(abs(arb(b) - v) / u) for v, b, u in zip(values, y.tolist(), units, strict=True)]


@needs_compiler
@pytest.mark.parametrize("name", NAMES)
def test_float64_errors_are_below_the_bound(libraries, name):
    rng = np.random.default_rng(1)
    wide = np.exp(rng.uniform(-30, 30, 3000))
    near = np.concatenate([rng.uniform(0, 6, 3000), 1 + rng.normal(size=500) * 1e-6, [0.0, 1.0, 5e-324, 1e-308, 1e308]])
    x = np.abs(np.concatenate([wide, near]))
    if name == "expm1_negative":
        x = -x
    elif name.startswith("exp"):
        x = np.concatenate([-x[x < 707], x[x < 709] if name == "exp" else []])
    elif name == "rsqrt":  # where no float is near enough for a guess, too
        x = np.concatenate([x[x > 0], 10.0 ** rng.uniform(-320, 308, 3000)])
    elif name == "rsqrt_held":
        x = x[(x > 2.0**-100) & (x < 2.0**100)]
    elif name == "log":
        x = x[x > 1e-300]
    elif name != "log1p":
        x = np.concatenate([x, -x])
    errors = exact_ulps(name, x, apply(libraries["float64"], name, x))
    assert 0.5 <= max(errors) <= proof(name, "float64").bound_ulp


@needs_compiler
@pytest.mark.parametrize("dtype", DTYPES)
def test_values_at_the_ends(libraries, dtype):
    lib, inf, nan = libraries[dtype], np.inf, np.nan
    expected = {
        "exp": {-inf: 0, inf: inf, nan: nan, 0: 1, -1e4: 0, 1e4: inf},
        "exp2_negative": {-inf: 0, nan: nan, 0: 1, -1e4: 0},
        "log": {inf: inf, nan: nan, 0: -inf, -1: nan, -inf: nan, 1: 0},
        "log1p": {inf: inf, nan: nan, 0: 0},
        "tanh": {inf: 1, -inf: -1, nan: nan, 0: 0, 1e30: 1},
        "erf": {inf: 1, -inf: -1, nan: nan, 0: 0, 1e30: 1},
        "atan": {inf: np.pi / 2, -inf: -np.pi / 2, nan: nan, 0: 0},
        "rsqrt": {nan: nan, inf: 0, 1: 1, 4: 0.5},
        "rsqrt_held": {nan: nan, 1: 1, 4: 0.5, 2.0**-100: 2.0**50, 2.0**100: 2.0**-50},
    }
    for name, pairs in expected.items():
        if name == "rsqrt" and dtype == "float64":
            pairs |= {0: inf, -1: nan, 4e-320: 1 / np.sqrt(4e-320), 1e-200: 1e100, 1e200: 1e-100, 2.0**1022: 2.0**-511}
        found = apply(lib, name, np.array(list(pairs), dtype))
        np.testing.assert_allclose(
            found, np.array(list(pairs.values()), dtype), rtol=4 * np.finfo(dtype).eps, err_msg=name
        )
    for name in ("tanh", "erf", "atan"):
        assert np.signbit(apply(lib, name, np.array([-0.0], dtype)))[0]


@needs_compiler
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_width_gives_the_same_bits(libraries, dtype, tmp_path):
    x = np.random.default_rng(2).normal(size=4096).astype(dtype) * 8
    for width in (0, 16):
        folder = tmp_path / str(width)
        folder.mkdir()
        other = library(folder, dtype, f"-DVECTOR_BYTES={width}")
        for name in NAMES:
            at = np.abs(x) * {"exp2_negative": -1}.get(name, 1) if name in ("exp2_negative", "log", "log1p") else x
            np.testing.assert_array_equal(apply(other, name, at), apply(libraries[dtype], name, at))


# ---------------------------------------------------------------------------
# The proof


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("cofactor", [EXP2, EXPM1, LOG1P])
@pytest.mark.parametrize("index", [0, 2, -1])
def test_a_changed_coefficient_is_found(cofactor, dtype, index):
    p = polynomial(cofactor, FORMATS[dtype])
    changed = list(p.coefficients)
    changed[index] *= 1.1
    worst = replace(p, errors=truncation_errors(cofactor, tuple(changed))).worst
    assert worst > 20 * p.worst


@pytest.mark.parametrize("name", ["exp", "exp2_negative", "tanh", "log1p", "atan"])
def test_a_changed_program_loses_its_bound(name):
    """The largest coefficients a little off, the low part of ln 2 left out, a wrong constant: the bound grows."""
    format = FORMATS["float32"]
    good = program(name, format)
    before = proof(name, "float32").bound_ulp
    for k, step in enumerate(good.steps):
        for i, argument in enumerate(step.arguments):
            if (
                step.operation in ("reduce", "add_exponent", "complement")
                and isinstance(argument, float)
                and argument > 0.1
            ):
                arguments = (*step.arguments[:i], argument * (1 + 1e-5), *step.arguments[i + 1 :])
            elif step.operation == "polynomial" and i == 0:
                errors = truncation_errors(argument.cofactor, argument.coefficients[:-1])
                shorter = replace(argument, coefficients=argument.coefficients[:-1], errors=errors)
                arguments = (shorter, *step.arguments[1:])
            else:
                continue
            steps = (*good.steps[:k], replace(step, arguments=arguments), *good.steps[k + 1 :])
            try:
                assert prove(replace(good, steps=steps), format).bound_ulp > 1.2 * before, step
            except ArithmeticError:
                continue  # no bound at all


def test_the_truncation_bound_holds_at_points():
    """Against mpmath-like evaluation in 200 bits at points between the nodes."""
    for dtype in DTYPES:
        p = polynomial(EXPM1, FORMATS[dtype])
        with ctx.workprec(200):
            for k in range(-100, 101):
                t = arb(k) / 300 + arb(1) / 10**6
                value = arb(0)
                for c in reversed(p.coefficients):
                    value = value * t + c
                exact = (t.exp() - 1 - t) / t**2
                assert abs(value - exact) <= p.error(t)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_every_bound_is_small(name, dtype):
    assert 0.5 < proof(name, dtype).bound_ulp < 6
