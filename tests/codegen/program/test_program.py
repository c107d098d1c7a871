"""The program that every target prints: well formed, run by an interpreter, differentiated, made once, and in time."""

import math
import time
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

from symtrans import Activation, Diffusivity, Network, StabilityError, catalogue
from symtrans.codegen import pipeline
from symtrans.codegen.program.passes import fused, only
from symtrans.codegen.program.shared_parts import A, moves, share
from symtrans.codegen.program.three_address import Operation, follow, uses_of
from symtrans.language.symbols import keyword_of
from symtrans.runtime.templates import folder, texts
from tests.codegen.test_approximations import needs_compiler

FAMILIES = (
    *("charbonnier", "perona-malik", "truncated-tv", "truncated-bfb", "truncated-quadratic", "weickert-8", "log-cosh"),
    *("arctan", "erf", "symlog", "scad", "tukey", "firm", "sigmoid", "hard"),
)


def network(name, **options):
    return Network(catalogue[name], **{"tau": "1/8", "unstable": "allow", **options})


def chosen(program, branch_size):
    """The branch that holds for |r|, given the bounds' values."""
    holds = {">": lambda a, b: a > b, ">=": lambda a, b: a >= b, "==": lambda a, b: a == b}

    def pick(values):
        for branch in program.branches:
            if branch.bound is None or holds[branch.relation](
                branch_size(values[program.size]), branch_size(values[branch.bound])
            ):
                return branch
        raise AssertionError

    return pick


def run(program, inputs, number, rule, size=lambda value: value):
    """Interpret a program with values of any kind."""
    values = dict(inputs)
    follow(program.constants, values, number, rule)
    follow(program.shared, values, number, rule)
    if program.size not in values:
        values[program.size] = values["r"]
    branch = chosen(program, size)(values) if len(program.branches) > 1 else program.branches[0]
    follow(branch.body, values, number, rule)
    return [values[v] if isinstance(v, str) else number(v) for v in branch.outputs]


# ---- floating point, one rounding an operation -----------------------------------------------------


def rounded(exact):
    return lambda *args: float(exact(*map(Fraction, args)))


CORRECTLY_ROUNDED = {
    Operation.COPY: lambda a: a,
    Operation.NEGATIVE: lambda a: -a,
    Operation.MODULUS: abs,
    Operation.SIGN: lambda a: math.copysign(1, a),
    Operation.COPYSIGN: math.copysign,
    Operation.ADD: rounded(lambda a, b: a + b),
    Operation.SUBTRACT: rounded(lambda a, b: a - b),
    Operation.MULTIPLY: rounded(lambda a, b: a * b),
    Operation.DIVIDE: rounded(lambda a, b: a / b),
    Operation.FUSED: rounded(lambda a, b, c: a * b + c),
    Operation.SQRT: math.sqrt,
    Operation.MAXIMUM: max,
    Operation.MINIMUM: min,
}


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=needs_compiler)])
@pytest.mark.parametrize(
    "name", ["charbonnier", "truncated-tv", "truncated-bfb", "truncated-quadratic", "scad", "tukey", "firm"]
)
def test_a_kernel_computes_what_the_program_says_to_the_last_bit(name, target):
    """Two samples 0 and r move by tau Phi(r), tau = 1/8 exactly."""
    net = network(name)
    options = {"accuracy": "strict"} if target == "c" else {}
    program = net.lowered(target, **options).program
    rng = np.random.default_rng(5)
    x = np.concatenate([rng.uniform(-4, 4, 300), 10.0 ** rng.uniform(-8, 8, 60), [1.0, -2.0, 0.5]])
    values = {keyword_of(s): v for s, v in zip(net.parameters, (0.7, 2.9, 1.3), strict=False)}
    words = {p.name: values[p.keyword] for p in program.parameters}
    kernel = net.compile(target, clamp=False, **options)
    found = 8 * kernel(np.stack([np.zeros_like(x), x], axis=1), **values)[:, 0]
    for r, computed in zip(x, found, strict=True):
        (expected,) = run(
            program,
            {**words, "r": float(r)},
            lambda n: float(sp.N(n, 30)),
            lambda one: CORRECTLY_ROUNDED[one.operation],
        )
        assert expected == computed, r


# ---- dual numbers ---------------------------------------------------------------------------------

# operation -> value, and the derivatives by each argument
CALCULUS = {
    Operation.COPY: (lambda a: a, lambda a: (1,)),
    Operation.NEGATIVE: (lambda a: -a, lambda a: (-1,)),
    Operation.MODULUS: (abs, lambda a: (mp.sign(a),)),
    Operation.SIGN: (mp.sign, lambda a: (0,)),
    Operation.COPYSIGN: (lambda a, b: abs(a) * mp.sign(b), lambda a, b: (mp.sign(a) * mp.sign(b), 0)),
    Operation.ADD: (lambda a, b: a + b, lambda a, b: (1, 1)),
    Operation.SUBTRACT: (lambda a, b: a - b, lambda a, b: (1, -1)),
    Operation.MULTIPLY: (lambda a, b: a * b, lambda a, b: (b, a)),
    Operation.DIVIDE: (lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2)),
    Operation.FUSED: (lambda a, b, c: a * b + c, lambda a, b, c: (b, a, 1)),
    Operation.MINIMUM: (min, lambda a, b: (int(a <= b), int(a > b))),
    Operation.MAXIMUM: (max, lambda a, b: (int(a >= b), int(a < b))),
    Operation.SQRT: (mp.sqrt, lambda a: (1 / (2 * mp.sqrt(a)),)),
    Operation.RECIPROCAL_ROOT: (lambda a: 1 / mp.sqrt(a), lambda a: (-(a ** mp.mpf("-1.5")) / 2,)),
    Operation.RECIPROCAL_ROOT_HELD: (lambda a: 1 / mp.sqrt(a), lambda a: (-(a ** mp.mpf("-1.5")) / 2,)),
    Operation.POWER: (lambda a, b: a**b, lambda a, b: (b * a ** (b - 1), mp.log(a) * a**b)),
    Operation.EXP: (mp.exp, lambda a: (mp.exp(a),)),
    Operation.EXP2_NEGATIVE: (lambda a: mp.mpf(2) ** a, lambda a: (mp.log(2) * mp.mpf(2) ** a,)),
    Operation.EXPM1: (mp.expm1, lambda a: (mp.exp(a),)),
    Operation.EXPM1_NEGATIVE: (mp.expm1, lambda a: (mp.exp(a),)),
    Operation.LOG: (mp.log, lambda a: (1 / a,)),
    Operation.LOG1P: (mp.log1p, lambda a: (1 / (1 + a),)),
    Operation.TANH: (mp.tanh, lambda a: (mp.sech(a) ** 2,)),
    Operation.COSH: (mp.cosh, lambda a: (mp.sinh(a),)),
    Operation.SINH: (mp.sinh, lambda a: (mp.cosh(a),)),
    Operation.ATAN: (mp.atan, lambda a: (1 / (1 + a**2),)),
    Operation.ERF: (mp.erf, lambda a: (2 / mp.sqrt(mp.pi) * mp.exp(-(a**2)),)),
    Operation.SIN: (mp.sin, lambda a: (mp.cos(a),)),
    Operation.COS: (mp.cos, lambda a: (-mp.sin(a),)),
}


def dual_rule(one):
    value, partials = CALCULUS[one.operation]

    def rule(*duals):
        numbers = [d[0] for d in duals]
        slopes = partials(*numbers) if any(d[1] for d in duals) else [0] * len(duals)
        return value(*numbers), sum(p * d[1] for p, d in zip(slopes, duals, strict=True) if d[1])

    return rule


def exactly(number):
    return mp.mpmathify(sp.N(number, 60))


@pytest.mark.parametrize(("target", "options"), [("numpy", {}), ("c", {}), ("c", {"accuracy": "strict"})])
@pytest.mark.parametrize("name", FAMILIES)
def test_the_gradient_program_is_the_derivative_of_the_flux_program(name, target, options):
    stages = network(name).lowered(target, **options)
    flux, gradients = stages.program, stages.gradients
    names = [p.name for p in flux.parameters]
    with mp.workdps(50):
        point = dict(zip(names, map(mp.mpf, ("0.7", "2.9", "1.3", "0.9")), strict=False))
        for r in map(mp.mpf, ("0.31", "-0.9", "1.7", "-3.4", "0.26")):
            at = {**point, "r": r}
            plain = {key: (value, 0) for key, value in at.items()}
            found = [d[0] for d in run(gradients, plain, lambda n: (exactly(n), 0), dual_rule, lambda d: d[0])]
            by = dict(zip(gradients.outputs, found, strict=True))
            for output, variable in (("slope", "r"), *((f"by_{n}", n) for n in names if f"by_{n}" in by)):
                given = {**plain, variable: (at[variable], 1)}
                ((value, derivative),) = run(flux, given, lambda n: (exactly(n), 0), dual_rule, lambda d: d[0])
                assert mp.almosteq(value, by["flux"], 1e-40, 1e-45)
                assert mp.almosteq(derivative, by[output], 1e-40, 1e-45), (output, r)


def test_a_wrong_derivative_would_be_seen():
    stages = network("charbonnier").lowered("c")
    ((_, slope),) = run(
        stages.program,
        {"lam": (mp.mpf(2), 0), "r": (mp.mpf(1), 1)},
        lambda n: (exactly(n), 0),
        dual_rule,
        lambda d: d[0],
    )
    assert mp.almosteq(slope, (1 + mp.mpf(1) / 4) ** mp.mpf(-1.5), 1e-12)


# ---- form -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("name", FAMILIES)
def test_every_value_has_one_name_and_comes_before_its_use(name, target):
    stages = network(name, tau="tau", h="h").lowered(target)
    for program in (stages.program, stages.gradients):
        known = {*program.inputs, *(p.name for p in program.parameters)}
        for one in (*program.constants, *program.shared):
            assert one.result not in known
            assert all(a in known for a in one.arguments if isinstance(a, str))
            known.add(one.result)
            assert one.varies == (one in program.shared)
        for branch in program.branches:
            inside = set(known)
            for one in branch.body:
                assert one.result not in inside
                assert all(a in inside for a in one.arguments if isinstance(a, str))
                inside.add(one.result)
            assert all(v in inside for v in branch.outputs if isinstance(v, str))
            counts = uses_of(branch.body, branch.outputs)
            assert all(counts[one.result] == 1 for one in branch.body if one.result[0] == "%")
        assert "step" in dict(program.coefficients)
        assert str(program) == repr(program)


def test_fusing_changes_no_exact_value():
    stages = Network(Diffusivity("(1 + r^2/a^2)/(2 - r^2/a^2 + r^4/b^4)"), tau="1/8", unstable="allow").lowered("numpy")
    exact = {
        **{op: rule for op, (rule, _) in CALCULUS.items()},
        Operation.DIVIDE: lambda a, b: Fraction(a) / b,
        Operation.SIGN: lambda a: 1 if a >= 0 else -1,
        Operation.COPYSIGN: lambda a, b: abs(a) if b >= 0 else -abs(a),
    }
    for program in (stages.program, stages.gradients):
        at = {"p_a": Fraction(3, 2), "p_b": Fraction(5, 7), "r": Fraction(-2, 3)}
        before, after = (
            run(p, at, lambda n: Fraction(int(n.p), int(n.q)), lambda one: exact[one.operation])
            for p in (program, fused(program))
        )
        assert before == after
        assert any(one.operation is Operation.FUSED for one in fused(program).instructions)
        assert len(list(fused(program).instructions)) < len(list(program.instructions))


def test_some_outputs_alone():
    program = network("charbonnier").lowered("numpy").gradients
    slope = only(program, ["slope"])
    assert slope.outputs == ("slope",)
    at = {"lam": 2.0, "r": 0.75}
    rule = lambda one: CORRECTLY_ROUNDED[one.operation]  # noqa: E731
    assert run(slope, at, float, rule)[0] == run(program, at, float, rule)[1]
    assert len(list(slope.instructions)) < len(list(program.instructions))


# ---- derived once ---------------------------------------------------------------------------------


def test_text_and_kernel_share_what_they_derive(monkeypatch):
    calls, function = [], pipeline.formulas_of
    monkeypatch.setattr(pipeline, "formulas_of", lambda *given: calls.append(given[-1]) or function(*given))
    net = network("charbonnier")
    kernel = net.compile("numpy")
    kernel([0.0, 1.0], lam=1.0)
    assert calls == [False]  # gradients only when they are asked for
    kernel.vjp([0.0, 1.0], [1.0, 0.0], lam=1.0)
    net.source("numpy")
    net.compile("numpy", threads=1).vjp([0.0, 1.0], [1.0, 0.0], lam=1.0)
    net.lowered("numpy").gradients  # noqa: B018
    assert calls == [False, True]


def test_the_digest_covers_gradients_and_templates(tmp_path):
    specification = network("charbonnier")._specification("numpy", "float64", None, {})
    for name, text in texts(folder("numpy")).items():
        (tmp_path / name).write_text(text)
    same = specification.digest(tmp_path, True)
    assert same == specification.digest(folder("numpy"), True)
    assert same != specification.digest(tmp_path, False)
    (tmp_path / "kernel.py").write_text(text.replace("right", "rechts") + "# more\n")
    assert specification.digest(tmp_path, True) != same
    (before,) = (g for g in [specification.stages.gradients])
    object.__setattr__(specification.stages, "gradients", only(before, ["slope"]))
    assert specification.digest(folder("numpy"), True) != same


# ---- many pieces ----------------------------------------------------------------------------------


def staircase(pieces):
    rng = np.random.default_rng(2)
    knots = [sp.Rational(k, 10) for k in range(pieces)]
    rises = [sp.Rational(int(n), 640) for n in rng.integers(0, 64, pieces - 1)]
    return Activation.from_knots(knots, [sp.S.Zero, *np.cumsum(rises)])


@pytest.mark.parametrize("target", ["c", "numpy"])
def test_two_hundred_pieces_cost_no_square_of_forty(target):
    taken = []
    for pieces in (11, 41, 205):  # the first pays for what is loaded once
        net = Network(staircase(pieces), blocks=2)
        started = time.process_time()
        source = net.source(target)
        taken.append(time.process_time() - started)
    assert taken[2] < 15 * taken[1], taken
    program = net.lowered(target).program
    if target == "c":  # which looks them up
        assert (len(program.branches), program.table.size) == (1, 205)
    else:
        assert len(program.branches) >= 200
    assert sum(map(len, source.values())) < 400_000


def test_the_kernel_of_many_pieces_interpolates():
    spline = staircase(50)
    kernel = Network(spline, tau="1/8", unstable="allow").compile("numpy")
    x = np.linspace(-6, 6, 1001)
    found = 8 * kernel(np.stack([np.zeros_like(x), x], axis=1))[:, 0]
    np.testing.assert_allclose(found, spline(x), rtol=1e-13, atol=1e-14)


@needs_compiler
@pytest.mark.parametrize("dtype", [pytest.param("float64", marks=pytest.mark.long), "float32"])
def test_functions_may_be_inlined_in_several_branches(dtype):
    """The arrays of one branch are not those of another: C refused a second v0."""
    both = Activation("Piecewise((a r exp(-r^2/b^2), |r| <= theta), (sgn(r) exp(-|r|/lambda), otherwise))")
    kernel = Network(both, tau="1/8", unstable="allow").compile("c", dtype)
    x = np.linspace(-4, 4, 31)
    values = {"a": 0.5, "b": 2.0, "theta": 1.5, "lam": 0.8}
    found = 8 * kernel(np.stack([np.zeros_like(x), x], axis=1), **values)[:, 0]
    np.testing.assert_allclose(found, both(x, **values), rtol=0, atol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=needs_compiler)])
@pytest.mark.parametrize("formula", ["(a - b)*r/(1 + r^2)", "(a - b - c)*tanh(r)"])
def test_a_step_may_depend_on_which_parameter_is_larger(formula, target):
    """Where g is negative no step is stable: conditions with "or" and "not" in a constant, which a call is held to."""
    kernel = Network(Activation(formula), blocks=2).compile(target)
    u = np.array([0.0, 1.0, 0.0, 3.0])
    others = {keyword_of(symbol): 0.5 for symbol in kernel.network.parameters if symbol.name != "a"}
    found = kernel(u, a=2.0, **others)
    assert 0 < found.min() < found.max() < 3
    with pytest.raises(StabilityError, match=r"tau = 0 for a = 0\.25"):
        kernel(u, a=0.25, **others)


@pytest.mark.parametrize("target", ["numpy", pytest.param("c", marks=needs_compiler)])
def test_a_constant_may_be_erf_of_a_parameter(target):
    """NumPy has no erf."""
    net = Network(Activation("r erf(lambda)/(1 + r^2)"), 2, tau="1/8", unstable="allow")
    found, by = net.compile(target).vjp([0.0, 1.0], [1.0, 0.0], lam=[0.7, 0.8])
    assert found.shape == (2,)
    step = 1e-6
    values = [net.compile(target)([0.0, 1.0], lam=[0.7 + s, 0.8])[0] for s in (-step, step)]
    assert by["lam"][0] == pytest.approx((values[1] - values[0]) / (2 * step), rel=1e-6)


def test_a_constant_that_formulas_share_is_no_temporary():
    p, q = sp.symbols("p_p p_q", positive=True)
    values = (sp.exp(-sp.Max(0, p - A)) + A * (p - A) ** 3, sp.Max(0, p - A - q), sp.exp(p - A - q))
    temporaries, final = share(values)
    assert all(moves(one.expr) for one in temporaries)
    known = {}
    for one in temporaries:
        known[one.symbol] = one.expr.xreplace(known)
    assert [sp.expand(value.xreplace(known) - right) for value, right in zip(final, values, strict=True)] == [0, 0, 0]


@pytest.mark.long
def test_a_difference_of_two_exponentials_of_sums_comes_to_an_end():
    kernel = Network(Activation("ln((1+exp(a+r))/(1+exp(a-r)))"), blocks=1, tau="1/8", unstable="allow").compile(
        "numpy", clamp=False
    )
    pair = np.array([0.0, 2.0])
    grad, by = kernel.vjp(pair, np.array([1.0, 0.0]), a=1.0)
    a, r = mp.mpf(1), mp.mpf(2)
    slope = mp.diff(lambda x: mp.log((1 + mp.exp(a + x)) / (1 + mp.exp(a - x))), r)
    in_a = mp.diff(lambda b: mp.log((1 + mp.exp(b + r)) / (1 + mp.exp(b - r))), a)
    assert [8 * grad[1], 8 * float(by["a"])] == pytest.approx([float(slope), float(in_a)], rel=1e-12)
