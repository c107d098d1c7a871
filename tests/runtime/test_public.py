"""Nothing but SymtransError leaves a public call, and a fault of ours says what it is."""

import functools

import numpy as np
import pytest
import sympy as sp

import symtrans as st
from symtrans import Activation, Diffusivity, InternalError, NonlinearityError, Shrinkage, SymtransError, certify, r
from symtrans.runtime.public import public
from tests.turns import in_turns

ASSUMPTIONS = (
    {},
    {"real": True},
    {"negative": True},
    {"integer": True},
    {"nonzero": True},
    {"even": True},
    {"extended_real": True},
    {"imaginary": True},
    {"infinite": True},
)
FORMULAS = (
    lambda a: 1 / (a + r**2),
    lambda a: sp.Piecewise((a, sp.Abs(r) <= abs(a)), (a / (1 + r**2), True)),
    lambda a: sp.Abs(r) ** a + sp.Max(a, 1 / (a - 1)),
    lambda a: (1 + (2 * a - 1) * r**2) / (1 + r**4),
    lambda a: sp.sqrt(a) * sp.tanh(abs(a) * sp.Abs(r)) / sp.Abs(r),
)


@pytest.mark.parametrize(("assumptions", "formula"), in_turns(ASSUMPTIONS, FORMULAS))
def test_symbols_of_every_assumption(assumptions, formula):
    a = sp.Symbol("a", **assumptions)
    try:
        expr = formula(a)
    except (TypeError, ValueError):  # SymPy's Max refuses some symbols
        return
    try:
        kind = Diffusivity(expr)
        certify(kind, budget=2).steps()
        kind.to(Activation, budget=2)
    except NonlinearityError as refusal:
        assert "internal" not in str(refusal)


@pytest.mark.long
def test_a_coefficient_that_vanishes_in_a_case():
    found = certify(Activation("r*(c r^4 + (2a-1) r^2 + 1)/(1 + r^4)"), budget=60)
    a, c = found.source.parameters
    assert found.g_max.value.subs({a: sp.Rational(1, 4), c: sp.Rational(1, 2)}) == 1
    assert found.g_max.value.subs({a: sp.Rational(1, 4), c: 2}) == 2


@pytest.mark.long
def test_a_minimum_of_numbers_that_sympy_does_not_compare():
    found = certify(Shrinkage("Piecewise((r, |r| <= 2), ((a-1) r/(r^2 + 1/a), True))"), budget=40)
    a = sp.Symbol("a", positive=True)
    value = found.g_max.value
    assert value.subs(a, 3) == 1
    assert value.subs(a, sp.Rational(1, 2)) == sp.Rational(13, 12)


def test_a_fault_of_ours_says_so_and_is_chained(monkeypatch):
    from symtrans.stability import prover

    def fault(member):
        return 1 // 0

    monkeypatch.setattr(prover, "order_of_smoothness", fault)
    with pytest.raises(
        InternalError, match=r"certify\(Activation\('r/\(7 \+ r\^4\)'\).*ZeroDivisionError.*report"
    ) as caught:
        certify(Activation("r/(r^4 + 7)"))
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    assert isinstance(caught.value, SymtransError)


def test_a_call_with_wrong_arguments_stays_a_type_error():
    with pytest.raises(TypeError, match="argument"):
        certify()
    with pytest.raises(TypeError, match=r"Diffusivity\(\) got an unexpected keyword argument 'wrong'") as caught:
        Diffusivity("1", wrong=3)
    assert isinstance(caught.value, SymtransError)


def test_a_call_with_wrong_arguments_is_told_how_it_is_made():
    g = Diffusivity("1/(1 + r^2/lambda^2)")
    with pytest.raises(TypeError, match=r"3 were given; it is subs\(values=\{\}, /, \*\*parameters\)$"):
        g.subs(sp.Symbol("lambda"), 2)
    with pytest.raises(TypeError, match=r"; it is proximal\(alpha, budget=20.0, assume=\(\)\)$"):
        st.translate(g).proximal()
    with pytest.raises(TypeError, match=r"; it is Network\(nonlinearity, blocks=None, "):
        st.Network(g, bloks=3)


def test_a_refusal_passes_unchanged():
    refusal = st.NonlinearityError("no")

    @public
    def refused():
        raise refusal

    with pytest.raises(st.NonlinearityError) as caught:
        refused()
    assert caught.value is refusal


def test_a_class_guards_its_members():
    @public
    class Thing:
        def __init__(self, size):
            self.size = size

        def method(self):
            return 1 // self.size

        @property
        def value(self):
            return 1 // self.size

        @functools.cached_property
        def kept(self):
            return 1 // self.size

        @classmethod
        def made(cls, size):
            return cls(1 // size)

        @staticmethod
        def plain(size):
            return 1 // size

        def _private(self):
            return 1 // self.size

    thing = Thing(0)
    for call in (thing.method, lambda: thing.value, lambda: thing.kept, lambda: Thing.made(0), lambda: Thing.plain(0)):
        with pytest.raises(InternalError, match="ZeroDivisionError"):
            call()
    with pytest.raises(ZeroDivisionError):
        thing._private()
    with pytest.raises(TypeError, match="size"):
        Thing()
    assert Thing(1).kept == Thing.made(1).value == Thing.plain(1) == 1


def test_what_the_system_refuses_is_no_fault_of_ours(tmp_path):
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(OSError, match="file"):
        st.Network(Activation("tanh(r)")).source("numpy").write(file)


JUNK = (
    *(None, True, "", "x y", float("nan"), float("inf"), -1, 0, 10**400, 1j, b"ab", [], [[1], [2, 3]], {}, {1: 2}),
    *(object(), np.array(0.5), np.array(["a"]), np.zeros((2, 0)), np.zeros(3, complex), np.array([1.0, np.nan])),
    *(sp.oo, sp.zoo, sp.I, sp.Symbol("q"), sp.Symbol("z", complex=True), r, sp.Eq(r, 2), sp.true, sp.Matrix([1, 2])),
    *(Activation, Activation("r"), st.catalogue["soft"], int, "\x00", "(" * 3000, sp.Interval(0, 1), np.int64(3)),
)


def _calls():
    """Public calls by name, each as a function of one argument that may be anything."""
    soft, network = st.catalogue["soft"], st.Network(st.catalogue["soft"], blocks=2)
    phi, certificate, kernel, signal = soft.activation, soft.certificate, network.compile("numpy"), [0.0, 1.0, 5.0]
    proximal = soft.proximal(1)
    yield "variable", lambda junk: Diffusivity("1/(1 + r^2)", variable=junk)
    yield "latex", lambda junk: Diffusivity(latex=junk)
    for kind in (st.Kind, Diffusivity, st.Regulariser, Shrinkage, Activation):
        yield kind.__name__, kind
    yield "assume", lambda junk: Diffusivity("1/(1 + r^2)", assume=junk)
    yield "from_knots", lambda junk: Activation.from_knots(junk, [0, 1])
    yield "values of knots", lambda junk: Activation.from_knots([0, 1], junk)
    yield "tail", lambda junk: Activation.from_knots([0, 1], [0, 1], tail=junk)
    yield "tau of S", lambda junk: Shrinkage("r", tau=junk)
    yield "to", phi.to
    yield "tau", lambda junk: phi.to(Shrinkage, tau=junk)
    yield "subs", phi.subs
    yield "value", lambda junk: phi.subs({"theta": junk})
    yield "call", lambda junk: phi(junk, theta=1.0)
    yield "parameter", lambda junk: phi([1.0], theta=junk)
    yield "translate", st.translate
    yield "budget", lambda junk: certify(phi, budget=junk)
    yield "name", lambda junk: st.translate(phi, name=junk)
    yield "subs of a family", soft.subs
    yield "spread", soft.spread
    yield "proximal", soft.proximal
    yield "proximal map", lambda junk: proximal(junk, theta=1.0)
    yield "bracket", lambda junk: proximal.bracket(junk, theta=1.0)
    yield "derivative_by", soft.derivative_by
    yield "steps", certificate.steps
    yield "samples", lambda junk: certificate.sign_step(samples=junk)
    yield "norm", lambda junk: certificate.growth("1/4", norm=junk)
    yield "keeps_range", lambda junk: certificate.keeps_range(junk, theta=1.0)
    yield "Network", st.Network
    for option in ("blocks", "tau", "h", "boundary", "scheme", "unstable", "name"):
        yield option, lambda junk, option=option: st.Network(soft, **{option: junk})
    yield "target", network.source
    yield "dtype", lambda junk: network.compile("numpy", junk)
    yield "clamp", lambda junk: network.source("numpy", clamp=junk)
    yield "kernel", lambda junk: kernel(junk, theta=1.0)
    yield "out", lambda junk: kernel(signal, out=junk, theta=1.0)
    yield "vjp", lambda junk: kernel.vjp(signal, junk, theta=1.0)
    yield "dictionary", st.dictionary.__getitem__
    yield "catalogue", st.catalogue.__getitem__
    yield "diffusion_step", lambda junk: st.models.diffusion_step(junk, soft, 0.25, theta=1.0)
    yield "h of a step", lambda junk: st.models.diffusion_step(signal, soft, 0.25, junk, theta=1.0)
    yield "haar_shrinkage_step", lambda junk: st.models.haar_shrinkage_step(signal, junk)
    yield "residual_block", lambda junk: st.models.residual_block(signal, junk, np.eye(3))
    yield "difference_matrices", st.models.difference_matrices
    yield "energy", lambda junk: st.models.energy(signal, junk, soft, 1.0, theta=1.0)
    yield "alpha", lambda junk: st.models.variational_minimise(signal, soft, junk, theta=1.0)


def test_nothing_else_leaves_a_public_call_whatever_it_is_given():
    for name, call in _calls():
        for junk in JUNK:
            try:
                repr(call(junk))
            except SymtransError:
                pass
            except TypeError as error:  # the call itself does not fit
                assert error.__traceback__.tb_next.tb_next is None or "argument" in str(error), (name, junk)


def test_what_people_leave_out_or_get_wrong_is_refused_in_words():
    assert Activation("r", assume=None) == Activation("r")
    for call in (
        lambda: st.Kind("r"),
        lambda: st.Network(Activation("tanh(r)"), name=3),
        lambda: st.catalogue["soft"].subs(None),
        lambda: st.models.diffusion_step([1.0, 2.0], lambda p: p, None),
        lambda: st.models.diffusion_step([1.0, 2.0], lambda p: p, 0.25, 0),
        lambda: st.models.difference_matrices(-1),
        lambda: st.models.energy([1.0, 2.0, 3.0], [1.0, 2.0], Activation("r"), 1.0),
        lambda: st.catalogue["soft"].proximal(1)(["a"], theta=1.0),
        lambda: st.translate(Activation("r"), name=3),
    ):
        with pytest.raises(NonlinearityError):
            call()
