"""Pictures drawn with matplotlib from a notebook."""

import subprocess
import sys

import numpy as np
import pytest

import symtrans as st
from symtrans.errors import NonlinearityError, SymtransError

pytest.importorskip("matplotlib").use("Agg")
from matplotlib import pyplot  # noqa: E402

HARD = st.catalogue["hard"]


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    yield
    pyplot.close("all")


def dots(axis):
    """The places of filled and of open dots."""
    found = {True: set(), False: set()}
    for group in axis.collections:
        filled = not np.allclose(group.get_facecolor()[0][:3], 1)
        found[filled] |= {(round(float(x), 5), round(float(y), 5)) for x, y in group.get_offsets()}
    return found[True], found[False]


def test_a_family_is_drawn_in_four_columns():
    axes = st.catalogue["perona-malik"].plot(lam=0.5)
    assert [axis.get_title().split()[0] for axis in axes] == ["diffusivity", "regulariser", "shrinkage", "activation"]
    for form, axis in zip(st.catalogue["perona-malik"].forms, axes, strict=True):
        x, y = max((line.get_xydata() for line in axis.lines), key=len).T
        drawn = np.isfinite(y)
        np.testing.assert_allclose(y[drawn], form(x[drawn], lam=0.5), rtol=1e-12, atol=1e-14)
    axes[0].figure.canvas.draw()


def test_a_jump_is_shown_by_dots_and_never_crossed():
    shrinkage, activation = HARD.plot(columns=[st.Shrinkage, st.Activation], theta=2.0)
    assert dots(shrinkage) == ({(-2, 0), (2, 0)}, {(-2, -2), (2, 2)})
    edge = round(2 * 2**0.5, 5)
    assert dots(activation) == ({(-edge, -edge), (edge, edge)}, {(-edge, 0), (edge, 0)})
    for axis in (shrinkage, activation):
        line = max((line.get_xydata() for line in axis.lines), key=len)
        assert np.nanmax(np.abs(np.diff(line[:, 1]))) < 0.05


@pytest.mark.parametrize("theta", [1.0, 0.7])  # 1 lies on a tick of the scale
def test_breaks_are_named(theta):
    (axis,) = HARD.plot(columns=[st.Shrinkage], theta=theta)
    axis.figure.canvas.draw()
    shown = {label.get_text(): label.get_position()[0] for label in axis.get_xticklabels(minor=True)}
    assert shown[r"$\theta$"] == pytest.approx(theta)
    np.testing.assert_allclose(axis.get_xticks(minor=True), [-theta, theta])


def test_it_is_scaled_by_its_breaks_unless_told():
    (wide,) = HARD.plot(columns=[st.Shrinkage], theta=100.0)
    assert wide.get_xlim()[1] > 200
    (told,) = HARD.plot(columns=[st.Shrinkage], extent=7.0, theta=1.0)
    assert 7 <= told.get_xlim()[1] < 8


def test_axes_of_ones_own():
    figure, own = pyplot.subplots(1, 2)
    axes = HARD.plot(ax=own, columns=[st.Diffusivity, st.Shrinkage])
    assert list(axes) == list(own)
    assert pyplot.get_fignums() == [figure.number]
    with pytest.raises(NonlinearityError, match=r"2 axes .* 4 columns"):
        HARD.plot(ax=own)


def test_families_are_compared():
    axis = st.Family.compare(st.catalogue["soft"], HARD, kind=st.Shrinkage, theta=1.5)
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["truncated-tv", "truncated-quadratic"]
    assert dots(axis) == ({(-1.5, 0), (1.5, 0)}, {(-1.5, -1.5), (1.5, 1.5)})
    own = st.translate(st.Activation("tanh(r)"))
    assert own.compare(HARD).get_legend().get_texts()[0].get_text() == "tanh(r)"


def test_bad_arguments_are_refused():
    with pytest.raises(NonlinearityError, match="lam is no parameter here; there are theta"):
        HARD.plot(lam=1.0)
    with pytest.raises(NonlinearityError, match="lam"):
        HARD.compare(st.catalogue["soft"], lam=1.0)
    with pytest.raises(NonlinearityError, match="columns"):
        HARD.plot(columns=[])
    with pytest.raises(NonlinearityError, match="columns"):
        HARD.plot(columns=["shrinkage"])
    with pytest.raises(NonlinearityError, match="kind"):
        HARD.compare(kind="shrinkage")


def test_matplotlib_loads_only_when_something_is_drawn(monkeypatch):
    code = "import sys, symtrans as st; st.catalogue['hard'].certificate; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(SymtransError, match=r"symtrans\[plot\]"):
        HARD.plot()
