"""Pictures drawn with matplotlib from a notebook."""

import subprocess
import sys

import numpy as np
import pytest

import symtrans as st
from symtrans.errors import NonlinearityError
from symtrans.present import plots

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
    with pytest.raises(NonlinearityError, match=r"2 axes were given; 4 axes are needed"):
        HARD.plot(ax=own)


def test_families_are_compared():
    axis = st.Family.compare(st.catalogue["soft"], HARD, kind=st.Shrinkage, theta=1.5)
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["soft", "hard"]
    assert dots(axis) == ({(-1.5, 0), (1.5, 0)}, {(-1.5, -1.5), (1.5, 1.5)})
    own = st.translate(st.Activation("tanh(r)"))
    assert own.compare(HARD).get_legend().get_texts()[0].get_text() == "tanh(r)"


def test_bad_arguments_are_refused():
    with pytest.raises(NonlinearityError, match="lam is no parameter here; the parameters are theta"):
        HARD.plot(lam=1.0)
    with pytest.raises(NonlinearityError, match="lam"):
        HARD.compare(st.catalogue["soft"], lam=1.0)
    with pytest.raises(NonlinearityError, match="columns"):
        HARD.plot(columns=[])
    with pytest.raises(NonlinearityError, match="'slope' is none of Diffusivity, "):
        HARD.plot(columns=["slope"])
    with pytest.raises(NonlinearityError, match="'slope' is none of Diffusivity, "):
        HARD.compare(kind="slope")


def test_matplotlib_loads_only_when_something_is_drawn(monkeypatch):
    code = "import sys, symtrans as st; st.catalogue['hard'].certificate; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install matplotlib .*symtrans\[plot\]"):
        HARD.plot()


def test_the_scale_space_is_the_network_block_by_block():
    network = st.Network(st.catalogue["perona-malik"], 7, "1/5", boundary="periodic")
    signal = np.random.default_rng(1).standard_normal(40)
    above, below = st.plot_filter(signal, network, lam=0.8)
    rows = np.asarray(below.images[0].get_array())
    assert rows.shape == (8, 40)
    u = signal
    for row in rows:
        np.testing.assert_allclose(row, u, atol=1e-13)
        u = st.models.diffusion_step(u, network.activation, 0.2, boundary="periodic", lam=0.8)
    np.testing.assert_array_equal(above.lines[0].get_ydata(), signal)
    np.testing.assert_array_equal(above.lines[1].get_ydata(), rows[-1])


def test_many_blocks_are_drawn_in_few_rows():
    network = st.Network(st.catalogue["perona-malik"], 1000, "tau")
    signal = np.random.default_rng(1).standard_normal(16)
    _, below = st.plot_filter(signal, network, lam=1.0, tau=0.25)
    rows = np.asarray(below.images[0].get_array())
    assert 100 < len(rows) < 300
    np.testing.assert_allclose(rows[-1], network.compile("numpy")(signal, lam=1.0, tau=0.25), atol=1e-12)


def test_what_is_no_signal_is_refused():
    network = st.Network(HARD, 2)
    for bad in (np.ones((2, 3)), [], [np.nan, 1.0]):
        with pytest.raises(NonlinearityError, match="signal"):
            st.plot_filter(bad, network, theta=1.0)
    with pytest.raises(NonlinearityError, match="theta"):
        st.plot_filter(np.ones(4), network)
    assert pyplot.get_fignums() == []


def inside(axis, tau, r):
    """Whether (tau, r) lies in the region that is drawn."""
    return any(path.contains_point((tau, r)) for path in axis.collections[0].get_paths())


@pytest.mark.parametrize("h", [1.0, 0.5])
def test_the_region_of_stability(h):
    family = st.catalogue["perona-malik"]
    axis = st.plot_stability(family, h=h, lam=2.0)
    for r in (0.3, 1.0, 2.5):
        edge = h**2 / (2 * np.exp(-(r**2) / 8))
        assert inside(axis, 0.98 * edge, r)
        assert not inside(axis, 1.02 * edge, r)
    bound, witness = axis.lines
    assert list(bound.get_xdata()) == [h**2 / 2] * 2
    assert "(proved)" in bound.get_label()
    (tau,), (place,) = witness.get_data()
    assert tau > h**2 / 2
    assert not inside(axis, tau, place)
    f = np.array([place * h, 0, place * h])
    u = st.models.diffusion_step(f, family.activation, tau, h, lam=2.0)
    assert u.max() > f.max()


def test_the_region_at_a_jump_below_zero_and_with_no_stable_step():
    axis = st.plot_stability(HARD, theta=2**0.5)
    assert not inside(axis, 0.6, 1.99)
    assert inside(axis, 0.6, 2.01)
    # g < 0 for r > 1: no step is stable there
    axis = st.plot_stability(st.translate(st.Diffusivity("1 - r^2")), extent=3.0)
    assert inside(axis, 0.3, 0.5)
    assert not inside(axis, 0.01, 1.5)
    (witness,) = axis.lines
    assert witness.get_ydata()[0] > 1
    axis = st.plot_stability(st.catalogue["tv"])  # unbounded at 0
    assert [line.get_label().split()[0] for line in axis.lines] == ["witness"]


def test_a_step_within_the_bound_has_no_witness():
    axis = st.plot_stability(st.catalogue["perona-malik"], tau=0.4)
    assert len(axis.lines) == 1


def test_fonts_are_embedded_as_publishers_ask_and_curves_are_told_apart_without_colour(tmp_path):
    axis = HARD.compare("soft", "garrote", "firm", "perona-malik")
    looks = {(line.get_color(), line.get_linestyle()) for line in axis.lines[2:]}
    assert len(looks) == 5
    assert len({style for _, style in looks}) == 4
    plots.save(axis.figure, tmp_path / "curves.pdf")
    data = (tmp_path / "curves.pdf").read_bytes()
    assert b"/Subtype /Type3" not in data
    assert b"/CIDFontType2" in data


def test_a_legend_covers_no_curve_and_titles_of_a_row_stand_at_one_height():
    axis = st.catalogue["soft"].compare("hard")
    axis.figure.canvas.draw()
    assert axis.get_legend().get_window_extent().x0 > axis.get_window_extent().x1
    filtered = plots.plot_filtered(np.zeros(9), np.ones(9), np.ones(9), "Filtered with soft").axes
    kernelled = st.plot_filter(np.arange(9.0), st.Network("soft", 2), theta=1.0)[:1]
    for one in (*filtered, *kernelled):
        one.figure.canvas.draw()
        assert one.get_legend().get_window_extent().y0 >= one.get_window_extent().y1
    title = filtered[0].figure._suptitle.get_window_extent()
    assert title.y0 >= filtered[0].get_legend().get_window_extent().y1
    row = st.catalogue["soft"].plot()  # the breaks have names above the curves
    row[0].figure.canvas.draw()
    boxes = [one.title.get_window_extent() for one in row]
    assert max(box.y0 for box in boxes) - min(box.y0 for box in boxes) < 3  # letters with and without a tail
    for one, box in zip(row, boxes, strict=True):
        named = [label.get_window_extent() for label in one.xaxis.get_minorticklabels() if label.get_text()]
        assert all(label.y1 <= box.y0 + 1 for label in named)
