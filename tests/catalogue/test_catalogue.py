"""Every family of the catalogue: its sources, its four forms against numbers, and the names other libraries use."""

import re

import mpmath
import numpy as np
import pytest
import pywt
import sympy as sp

import symtrans as st
from symtrans.catalogue import ENTRIES
from symtrans.catalogue.references import references
from symtrans.language.text_parser import parse
from symtrans.language.text_printer import plain

VALUES = {"p": sp.Rational(3, 4), "nu": 4, "d": sp.Rational(3, 2), "n": 3}
QUICK = (
    *("charbonnier", "garrote", "tikhonov-tv", "welsch", "ramsay-e", "sure-let", "mcp", "sine"),
    *("softplus", "muon", "power"),
)
SLOW = tuple(name for name in st.catalogue if name not in QUICK)
every = pytest.mark.parametrize("name", [*QUICK, *(pytest.param(name, marks=pytest.mark.long) for name in SLOW)])


def numbers(family):
    return {s: sp.Rational(VALUES.get(s.name, sp.Rational(6 + k, 5))) for k, s in enumerate(family.parameters)}


def keywords(family):
    return {("lam" if s.name == "lambda" else s.name): float(v) for s, v in numbers(family).items()}


def places(family):
    """Points on both sides of the breaks, and the breaks themselves in double precision."""
    breaks = [b.subs(numbers(family)) for b in family.activation.half.breaks]
    some = [sp.Rational(1, 7), sp.Rational(9, 10), sp.Rational(9, 4), 4]
    between = [sp.Rational(str(round(float(b) + e, 3))) for b in breaks[:6] for e in (-0.25, 0.25)]
    return [sp.Rational(p) for p in (*some, *between) if p > 0]


def exact(form, place, values):
    return form.expr.subs(values).subs(form.variable, place).evalf(50)


def test_there_are_at_least_64_families_and_no_name_stands_twice():
    assert len(st.catalogue) >= 64
    names = [name for entry in ENTRIES for name in (entry.name, *entry.aliases)]
    assert len(names) == len(set(names))
    assert all(name == name.lower() and " " not in name for name in names)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.name)
def test_an_entry_names_its_sources_and_titles_and_reads_its_formula(entry):
    assert entry.sources
    for source in entry.sources:
        assert source.authors
        assert source.title
        assert source.venue
        assert 1900 < source.year < 2030
        assert source.doi == "" or source.doi.startswith("10.")
    assert all(entry.titles.values())
    formula = parse(entry.formula) if isinstance(entry.formula, str) else entry.formula()
    assert isinstance(formula, sp.Expr)


@every
def test_the_four_forms_belong_together(name):
    family, values = st.catalogue[name], numbers(st.catalogue[name])
    g, _, s, phi = family.forms
    for place in places(family):
        flux = exact(phi, place, values)
        assert exact(phi, -place, values) == -flux
        assert abs(exact(g, place, values) * place - flux) < sp.Float("1e-40")
        shrunk = sp.N(place - sp.sqrt(2) / 2 * exact(phi, sp.sqrt(2) * place, values), 50)
        assert abs(exact(s, place, values) - shrunk) < sp.Float("1e-40")


SPECIAL = (
    *("weickert-6", "sure-let", "sigmoid-shrinkage", "monteil-beghdadi", "generalised-charbonnier", "garrote-n"),
    *("mish", "morita"),
)


HEAVY = ("rbf-31", "spline-21")


@pytest.mark.parametrize("name", [pytest.param(n, marks=pytest.mark.long) if n in HEAVY else n for n in st.catalogue])
def test_every_psi_differentiates_to_twice_the_flux(name):
    """At 80 digits on both sides of 0 and close to both sides of every break; Psi(0) = 0 and no jump."""
    family, values = st.catalogue[name], numbers(st.catalogue[name])
    assert not family.regulariser.expr.has(sp.Integral)
    psi, phi = (numeric(form, values) for form in (family.regulariser, family.activation))
    breaks = [b.subs(values).evalf(80) for b in family.activation.half.breaks]
    near = [b * (1 + s * sp.Rational(1, 10**4)) for b in breaks[:4] for s in (-1, 1)]
    with mpmath.workdps(80):
        assert abs(psi(mpmath.mpf(0))) < mpmath.mpf(10) ** -70
        for place in [mpmath.mpf(sp.Float(p, 80)) for p in (*places(family)[:4], sp.Rational(-5, 7), *near)]:
            if any(abs(abs(place) - b) < 1e-9 for b in breaks):  # there the two sides have slopes of their own
                continue
            assert abs(psi(-place) - psi(place)) < mpmath.mpf(10) ** -70
            step = mpmath.mpf(10) ** -27
            slope = (psi(place + step) - psi(place - step)) / (2 * step)
            assert abs(slope - 2 * phi(place)) < max(mpmath.mpf(10) ** -48, 1000 * step**2), place
        for place in [mpmath.mpf(b) for b in breaks[:4]]:
            tiny = mpmath.mpf(10) ** -30
            assert abs(psi(place + tiny) - psi(place - tiny)) < mpmath.mpf(10) ** -27


def numeric(form, values):
    return sp.lambdify(form.variable, form.expr.subs(values), "mpmath")


@pytest.mark.parametrize("name", SPECIAL)
def test_special_functions_work_on_arrays_in_latex_and_are_read_back(name):
    family, values = st.catalogue[name], numbers(st.catalogue[name])
    phi, psi = numeric(family.activation, values), family.regulariser
    ends = [0, *(mpmath.mpf(b.subs(values).evalf(30)) for b in family.activation.half.breaks)]
    for place in (0.3, 1.4, 3.2):
        with mpmath.workdps(30):
            wanted = 2 * mpmath.quad(phi, [*(e for e in ends if e < place), place])
        assert psi(place, **keywords(family)) == pytest.approx(float(wanted), rel=1e-11)
        assert psi(np.array([[-place]]), **keywords(family))[0, 0] == psi(place, **keywords(family))
    assert psi(0.0, **keywords(family)) == 0
    assert psi._repr_latex_().startswith("$")
    assert st.Regulariser(str(plain(psi.expr, psi.variable))) == psi
    back = st.Regulariser(str(plain(psi.expr, psi.variable))).to(st.Activation)
    assert float(back(1.3, **keywords(family))) == pytest.approx(float(phi(1.3)), rel=1e-12)


@pytest.mark.parametrize(
    ("name", "parameter", "value", "closed"),
    [("generalised-charbonnier", "p", 1, "lambda^2 ln(1 + r^2/lambda^2)"), ("garrote-n", "n", 2, None)],
)
def test_a_cased_psi_keeps_its_condition(name, parameter, value, closed):
    """At the value itself, and on both sides of it, to which the general case tends."""
    psi = st.catalogue[name].regulariser
    (symbol,) = (s for s in psi.parameters if s.name == parameter)
    assert any(condition == sp.Eq(symbol, value) for condition in psi.expr.atoms(sp.Eq))
    exactly = psi.subs({parameter: value})
    assert exactly == (st.catalogue["garrote"].regulariser if closed is None else st.Regulariser(closed))
    others = {k: v for k, v in keywords(st.catalogue[name]).items() if k != parameter}
    for near in (value - 1e-7, value + 1e-7):
        assert psi(2.3, **others, **{parameter: near}) == pytest.approx(exactly(2.3, **others), rel=1e-6)
    with pytest.raises(st.NonlinearityError, match="does not occur"):
        st.Regulariser("Piecewise((r^2, p == 1), (r^4, otherwise))")


@every
def test_arrays_agree_with_fifty_digits_on_both_sides(name):
    family, values = st.catalogue[name], numbers(st.catalogue[name])
    points = [float(p) for p in places(family)]
    for form in (family.diffusivity, family.shrinkage, family.activation):
        at = np.array([*points, *(-p for p in points)])
        wanted = [float(exact(form, sp.Rational(p), values)) for p in at]
        np.testing.assert_allclose(form(at, **keywords(family)), wanted, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("name", ["bfb", "greater", "less"])
def test_what_is_no_family_says_why(name):
    with pytest.raises(st.NonlinearityError, match=r"unbounded at (r = )?0|not odd"):
        st.catalogue[name]
    assert name not in st.catalogue
    assert name not in list(st.catalogue)


@pytest.mark.parametrize("name", [3, None, ("soft",), 2.5])
def test_what_is_no_name_is_no_family(name):
    assert name not in st.catalogue
    with pytest.raises(st.CatalogueError, match="there is no family"):
        st.catalogue[name]


Z = np.linspace(-6, 6, 241) + 1e-3
NORMS = {  # the class of statsmodels with its arguments, and ours
    "constant": ("LeastSquares", {}, {}),
    "huber": ("HuberT", {"t": 1.345}, {"c": 1.345}),
    "ramsay-e": ("RamsayE", {"a": 0.3}, {"a": 0.3}),
    "andrews": ("AndrewWave", {"a": 1.339}, {"a": 1.339}),
    "trimmed-mean": ("TrimmedMean", {"c": 2.0}, {"c": 2.0}),
    "hampel": ("Hampel", {"a": 2.0, "b": 4.0, "c": 8.0}, {"a": 2.0, "b": 4.0, "c": 8.0}),
    "tukey": ("TukeyBiweight", {"c": 4.685}, {"c": 4.685}),
}
OWN = {"huber": {"theta": 1.345 / np.sqrt(2)}, "hampel": {"a": 2.0, "d": 2.0, "s": 4.0}, "tukey": {"lam": 4.685}}


@pytest.mark.parametrize("name", NORMS)
def test_robust_norms_agree_with_statsmodels(name):
    norms = pytest.importorskip("statsmodels.robust.norms")  # slow to load, and other tests do without
    theirs, arguments, parameters = NORMS[name]
    norm, family = getattr(norms, theirs)(**arguments), st.catalogue[name]
    for ours, wanted in ((family.rho, norm.rho), (family.psi, norm.psi), (family.weight, norm.weights)):
        np.testing.assert_allclose(ours(Z, **parameters), wanted(Z), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", OWN)
def test_values_are_given_by_other_names_of_the_literature_too(name):
    family, known = st.catalogue[name], NORMS[name][2]
    signal = np.cumsum(np.cos(np.arange(40.0) ** 2))
    kernel = st.Network(name, blocks=3).compile("numpy")
    np.testing.assert_allclose(kernel(signal, **known), kernel(signal, **OWN[name]), rtol=1e-15, atol=1e-15)
    filtered = st.denoise(signal, name, num_iter=3, target="numpy", **known)
    assert np.array_equal(filtered, st.denoise(signal, name, num_iter=3, target="numpy", **OWN[name]))
    own = family.activation(Z, **OWN[name])
    np.testing.assert_allclose(family.subs(known).activation(Z), own, rtol=1e-12, atol=1e-14)
    if name == "huber":
        assert family.proximal(1)(3.0, **known) == pytest.approx(float(family.proximal(1)(3.0, **OWN[name])))
    with pytest.raises(st.NonlinearityError, match="c says the same as"):
        family.activation(Z, c=1.0, **OWN[name])


def test_values_of_the_literature_are_exact_and_written_as_given():
    assert (
        str(st.catalogue["huber"].subs(c=1.345).activation.written)
        == "Piecewise((r, Abs(r) <= 1.345), (1.345*sign(r), True))"
    )
    assert st.catalogue["huber"].subs({"c": "k"}).activation == st.Activation("Min(|r|, k) sgn(r)")
    per_block = st.Network("huber", blocks=2).compile("numpy")([0.0, 4.0, 0.0], c=[1.0, 2.0])
    np.testing.assert_allclose(per_block.sum(), 4)
    with pytest.raises(st.NonlinearityError, match=r"theta = -0\.7071"):
        st.catalogue["huber"].activation(1.0, c=-1)


@pytest.mark.parametrize("name", ["soft", "hard", "garrote"])
def test_thresholds_agree_with_pywavelets(name):
    ours = st.catalogue[name].shrinkage(Z, theta=1.2)
    np.testing.assert_allclose(ours, pywt.threshold(Z, 1.2, mode=name), rtol=1e-12, atol=1e-12)


def test_firm_agrees_with_pywavelets():
    ours = st.catalogue["firm"].shrinkage(Z, theta=1.2, d=1.8)
    np.testing.assert_allclose(ours, pywt.threshold_firm(Z, 1.2, 3.0), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ["silu", "gelu", "softplus"])
def test_the_identity_in_disguise_is_found(name):
    assert st.catalogue[name].diffusivity.expr == sp.Rational(1, 2)


@pytest.mark.parametrize("text", ["sin(r)/r", "(1 - cos(r))/(|r|^2/2)", "ln(1 + |r|)/|r|"])
def test_a_removable_point_is_filled(text):
    assert st.Diffusivity(text)(0.0) == 1


@pytest.mark.parametrize("text", ["r + 0.001 r^2", "tanh(r + 1/1000)", "Max(-1, Min(r, 1.001))"])
def test_a_function_that_is_nearly_odd_is_refused_with_the_point(text):
    with pytest.raises(st.NonlinearityError, match=r"at r = |odd function is 0"):
        st.Activation(text)


@pytest.mark.parametrize("m", [2, 3, 4])
def test_the_flux_of_weickert_rises_exactly_up_to_lambda(m):
    phi = st.catalogue[f"weickert-{2 * m}"].activation
    expr = phi.half.pieces[-1].expr.subs(dict.fromkeys(phi.half.parameters, 1))
    (x,) = expr.free_symbols
    slope = sp.diff(expr, x)
    assert abs(slope.subs(x, 1).evalf(60)) < sp.Float("1e-50")
    assert slope.subs(x, sp.Rational(999, 1000)).evalf(30) > 0 > slope.subs(x, sp.Rational(1001, 1000)).evalf(30)


def test_every_publication_is_cited_and_its_key_tells_author_and_year():
    cited = {source for entry in ENTRIES for source in entry.sources}
    assert set(references().values()) == cited
    for key, reference in references().items():
        assert str(reference.year) in key
        assert re.sub("[0-9].*", "", key) in reference.authors.lower().replace(" ", "")
