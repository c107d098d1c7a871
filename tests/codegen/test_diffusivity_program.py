"""g as a function of q = |grad u|^2: right from 0 to infinity, bounded by proof, and differentiated."""

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from symtrans import Activation, Diffusivity, Network, catalogue, r
from symtrans.codegen.floating_point.finiteness import is_finite
from symtrans.codegen.floating_point.range_proof import keeps_range
from symtrans.codegen.program.three_address import Operation
from symtrans.codegen.targets.numpy.text import NumpyText, Statements

FAMILIES = (
    *("charbonnier", "perona-malik", "truncated-tv", "truncated-bfb", "truncated-quadratic", "weickert-8", "log-cosh"),
    *("arctan", "erf", "symlog", "scad", "tukey", "firm", "hard", "fair", "constant", "sigmoid"),
)
PROVED = (*FAMILIES[:7], "arctan", "erf", "symlog", "hard", "fair", "constant")


def stages(nonlinearity, dtype="float64", target="numpy", **options):
    given = catalogue[nonlinearity] if isinstance(nonlinearity, str) else nonlinearity
    return Network(given, tau="1/8", unstable="allow").lowered(target, dtype, **options)


def function(program, dtype):
    """The program as the NumPy printer writes it: of q and the parameters, to one array an output."""
    statements, scalar = Statements(dtype), NumpyText("float64")
    outs = [f"out{k}" for k in range(len(program.outputs))]
    statements.select(program, outs)
    lines = [f"{p.name} = float({p.name})" for p in program.parameters]
    lines += [f"{name} = {text}" for name, text in scalar.lines(program.constants)]
    lines += [f"{name} = kind({name})" for name in program.scalars]
    lines += [f"{name} = np.empty_like(q)" for name in (*outs, *statements.buffers)]
    lines += ["mask = np.empty(q.shape, bool)", *statements.lines, f"return {', '.join(outs)},"]
    head = f"def compute({', '.join(['q', *(p.name for p in program.parameters)])}):\n"
    names = {"np": np, "kind": np.dtype(dtype).type, "erf": mp.erf, "erfc": mp.erfc, "select": _select}
    names |= {"clear": lambda mask, out, bits: _select(mask, np.zeros_like(out), out, bits)}
    names |= {"by_samples": lambda f, x, out: np.copyto(out, np.vectorize(f, otypes=[float])(x))}
    exec(head + "".join(f"    {line}\n" for line in lines), names)
    return names["compute"]


def _select(mask, chosen, out, bits):
    np.copyto(out, chosen, where=mask)


def exact(expr, symbols, values, q):
    with mp.workdps(200):  # next to 0 most digits cancel
        numbers = {symbol: mp.mpf(value) for symbol, value in zip(symbols, values, strict=True)}
        return [sp.lambdify([r, *symbols], expr, "mpmath")(mp.sqrt(mp.mpf(float(at))), *numbers.values()) for at in q]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", FAMILIES)
def test_g_is_right_from_0_to_infinity(name, dtype):
    made = stages(name, dtype)
    program = made.diffusivity
    assert (program.inputs, program.size, program.outputs) == (("q",), "q", ("diffusivity",))
    symbols = [p.symbol for p in program.parameters]
    values = [2.0 ** (k + 1) for k in range(len(symbols))]
    limits = np.finfo(dtype)
    q = np.array(
        [*np.ldexp(1.0, range(limits.minexp, limits.maxexp, 7 if dtype == "float32" else 53)), 0.0, np.inf], dtype
    )
    with np.errstate(all="ignore"):
        (found,) = function(program, dtype)(q, *values)
    g = catalogue[name].diffusivity.expr
    expected = exact(g, symbols, values, q[:-2])
    assert np.isfinite(found).all()
    scale = max(abs(value) for value in expected)
    wrong = [
        (float(at), float(a), float(b))
        for at, a, b in zip(q, found, expected, strict=False)
        if not abs(float(a) - b) <= 64 * limits.eps * scale
    ]
    assert not wrong
    assert abs(found[-1] - found[-3]) <= 1e-3 * float(scale)  # at infinity the limit
    assert abs(found[-2] - found[0]) <= 64 * limits.eps * float(scale)


@pytest.mark.parametrize("name", ["charbonnier", "perona-malik", "truncated-tv", "log-cosh", "scad"])
def test_slopes_and_derivatives_by_parameters(name):
    made = stages(name)
    program = made.diffusivity_gradients
    symbols = [p.symbol for p in program.parameters]
    values = [1.5 * 2.0**k for k in range(len(symbols))]
    q = np.array([1e-3, 0.3, 1.7, 6.0, 40.0])
    with np.errstate(all="ignore"):
        found = dict(zip(program.outputs, function(program, "float64")(q, *values), strict=True))
        ends = function(program, "float64")(np.array([0.0, np.inf]), *values)
    assert all(np.isfinite(end).all() for end in ends)
    plain = function(made.diffusivity, "float64")
    step = 1e-6 * q
    np.testing.assert_allclose(found["diffusivity"], plain(q, *values)[0], rtol=1e-14)
    slope = (plain(q + step, *values)[0] - plain(q - step, *values)[0]) / (2 * step)
    np.testing.assert_allclose(found["slope"], slope, rtol=1e-5, atol=1e-9)
    for k, symbol in enumerate(program.parameters):
        ahead, behind = ([v + side * 1e-6 * (i == k) for i, v in enumerate(values)] for side in (1, -1))
        by = (plain(q, *ahead)[0] - plain(q, *behind)[0]) / 2e-6
        np.testing.assert_allclose(found[f"by_{symbol.name}"], by, rtol=1e-5, atol=1e-8)


def test_no_root_where_none_is_needed():
    for name in ("perona-malik", "truncated-quadratic", "truncated-bfb", "perona-malik-rational", "weickert-8"):
        operations = {one.operation for one in stages(name, target="c").diffusivity.instructions}
        assert not operations & {Operation.SQRT, Operation.RECIPROCAL_ROOT, Operation.MODULUS}
    clip = stages("truncated-tv", "float32", "c").diffusivity
    expected = [Operation.RECIPROCAL_ROOT, Operation.MULTIPLY]
    assert [one.operation for one in clip.instructions] == expected  # q lies beyond a bound: no quotient is needed
    assert clip.branches[-1].outputs == (1,)


@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("name", PROVED)
def test_g_is_proved_to_stay_between_0_and_its_supremum(name, target):
    made, family = stages(name, "float32", target), catalogue[name]
    g_max = Network(family, tau="1/8", unstable="allow")._names().inward(family.certificate.g_max.value)
    assert keeps_range(made.diffusivity, g_max, axes=3)
    assert is_finite(made.diffusivity, "float32")
    assert not keeps_range(made.diffusivity, g_max * sp.Rational(999, 1000), axes=3)


@pytest.mark.parametrize("name", ["scad", "tukey"])
def test_where_digits_may_cancel_nothing_is_proved(name):
    assert not keeps_range(stages(name).diffusivity, sp.S.One, axes=2)


def test_a_diffusivity_that_grows_is_not_finite():
    assert not is_finite(stages(Diffusivity("1 + r^4")).diffusivity, "float64")


def test_every_kind_has_a_diffusivity_program():
    activation = Activation("clip(r, -1, 1)")
    program = stages(activation).diffusivity
    assert [branch.bound for branch in program.branches] == ["b0", None]
    assert program.branches[-1].outputs == (1,)
