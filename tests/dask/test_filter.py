"""A Dask array is filtered to the same bits as in one piece, however it is cut, whoever computes it."""

import logging
import warnings
from contextlib import nullcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

pytest.importorskip("dask")

import dask
import dask.array as da

import symtrans.dask
from symtrans import FallbackWarning, Network, NonlinearityError, StabilityError
from symtrans.dask import filtering, plan
from symtrans.dask.halos import passed

RNG = np.random.default_rng(18)
SIGNAL = RNG.normal(scale=2.0, size=400)
IMAGE = RNG.normal(scale=2.0, size=(31, 40))


def same(filtered, whole):
    found = filtered.compute()
    assert found.dtype == filtered.dtype == whole.dtype
    assert found.shape == filtered.shape
    return found.tobytes() == whole.tobytes()


@some.composite
def cuts(draw, length, most=8):
    """Sizes of chunks that add up to a length; some may be empty."""
    borders = sorted(draw(some.lists(some.integers(0, length), max_size=most)))
    return tuple(int(size) for size in np.diff([0, *borders, length]))


@pytest.fixture(autouse=True)
def _quiet():
    """Chunks that hypothesis draws are often smaller than a halo, which is said."""
    with warnings.catch_warnings(), dask.config.set(scheduler="synchronous"):
        warnings.simplefilter("ignore", da.PerformanceWarning)
        yield


@pytest.fixture(scope="module")
def kernels():
    made = {}

    def kernel(blocks, boundary, dtype, target="c", h=1):
        key = (blocks, boundary, dtype, target, h)
        if key not in made:
            made[key] = Network("perona-malik", blocks, h=h, boundary=boundary).compile(target, dtype)
        return made[key]

    return kernel


NETWORKS = [(7, "reflecting", "float32"), (7, "periodic", "float64"), (60, "reflecting", "float64")]


@given(cuts(len(SIGNAL)), some.sampled_from([*NETWORKS, (60, "periodic", "float32")]))
def test_signals_however_they_are_cut(kernels, chunks, network):
    kernel, dtype = kernels(*network), network[-1]
    signal = SIGNAL.astype(dtype)
    filtered = symtrans.dask.filter(da.from_array(signal, chunks=(chunks,)), kernel, lam=1.5)
    assert same(filtered, kernel(signal, lam=1.5))


@given(
    cuts(IMAGE.shape[0], 3), cuts(IMAGE.shape[1], 4), some.sampled_from(["reflecting", "periodic"]),
    some.sampled_from(["float32", "float64"]), some.sampled_from(["explicit", "fsi"]),
    some.sampled_from(["isotropic", "separable"]),
)  # fmt: skip
def test_images_however_they_are_cut(rows, columns, boundary, dtype, scheme, coupling):
    image = IMAGE.astype(dtype)
    kernel = image_kernel(boundary, dtype, scheme, coupling)
    filtered = symtrans.dask.filter(da.from_array(image, chunks=(rows, columns)), kernel, lam=1.5)
    assert same(filtered, kernel(image, lam=1.5))


@given(cuts(IMAGE.shape[0], 3), cuts(IMAGE.shape[1], 4))
def test_images_in_c_however_they_are_cut(kernels, rows, columns):
    kernel = kernels(3, "reflecting", "float32", "c", h=(1, 1))
    image = IMAGE.astype("float32")
    assert same(kernel(da.from_array(image, chunks=(rows, columns)), lam=1.5), kernel(image, lam=1.5))


def image_kernel(boundary, dtype, scheme, coupling, made={}):  # noqa: B006
    key = (boundary, dtype, scheme, coupling)
    if key not in made:
        options = {"cycle": 3} if scheme == "fsi" else {}
        network = Network(
            "perona-malik", 2, h=(1, "3/2"), boundary=boundary, coupling=coupling, scheme=scheme, **options
        )
        made[key] = network.compile("numpy", dtype)
    return made[key]


def test_volumes_and_stacks_of_signals(kernels):
    volume = RNG.normal(size=(9, 12, 11)).astype("float32")
    kernel = Network("soft", 3, h=(1, 1, 1)).compile("numpy", "float32")
    chunked = da.from_array(volume, chunks=((4, 5), (6, 6), (3, 8)))
    assert same(symtrans.dask.filter(chunked, kernel, theta=0.5), kernel(volume, theta=0.5))
    kernel = kernels(7, "reflecting", "float32")
    assert same(symtrans.dask.filter(chunked, kernel, lam=1.0), kernel(volume, lam=1.0))


@pytest.mark.parametrize("chunks", [((45, 40, 45), (20,)), ((90, 40), (9, 11))])
def test_long_chunks_are_mended_next_to_their_borders(kernels, chunks):
    """Those of an image that is cut along one axis, and not those of one that is cut along both."""
    image = RNG.normal(size=(130, 20)).astype("float32")
    kernel = kernels(3, "reflecting", "float32", "c", h=(1, 1))
    seen = []

    def task(chunk, region=None):
        seen.append(chunk.shape)
        return np.array(kernel(chunk, lam=1.5)[region or ...])

    depth = tuple(3 * (len(sizes) > 1) for sizes in chunks)
    assert same(passed(da.from_array(image, chunks), task, depth, kernel.dtype, ring=False), kernel(image, lam=1.5))
    alone = [(rows, columns) for rows in chunks[0] for columns in chunks[1]]
    assert (set(alone) <= set(seen)) == (len(chunks[1]) == 1)


def test_channels_stay_together():
    image = RNG.normal(size=(2, 3, 16, 18))
    kernel = Network("perona-malik", 2, h=(1, 1), channels=True).compile("numpy")
    with pytest.warns(da.PerformanceWarning, match="channels share one gradient"):
        filtered = symtrans.dask.filter(da.from_array(image, chunks=(1, 1, 8, 9)), kernel, lam=1.0)
    assert filtered.chunks == ((1, 1), (3,), (8, 8), (9, 9))
    assert same(filtered, kernel(image, lam=1.0))


def test_the_halo_is_as_deep_as_it_must_be_and_no_deeper(kernels, monkeypatch):
    """One sample less is wrong; after few blocks that is more than rounding."""
    kernel = kernels(7, "reflecting", "float64")
    chunked = da.from_array(SIGNAL, chunks=100)
    usual = filtering.passed

    def shallower(array, task, depth, dtype, *, ring):
        return usual(array, task, tuple(deep - 1 for deep in depth), dtype, ring=ring)

    monkeypatch.setattr(filtering, "passed", shallower)
    assert not same(symtrans.dask.filter(chunked, kernel, lam=1.5), kernel(SIGNAL, lam=1.5))


@pytest.mark.parametrize("scheduler", ["threads", "processes"])
def test_any_scheduler(kernels, scheduler):
    kernel = kernels(7, "periodic", "float64")
    signal = SIGNAL
    with dask.config.set(scheduler=scheduler, num_workers=2):
        assert same(symtrans.dask.filter(da.from_array(signal, chunks=90), kernel, lam=1.5), kernel(signal, lam=1.5))


def test_many_blocks_go_in_several_passes_each_with_its_parameters(kernels, monkeypatch):
    lam = np.linspace(1.0, 3.0, 60)
    kernel = kernels(60, "reflecting", "float64")
    monkeypatch.setattr(plan, "TASK", 0.0)
    passes = []
    usual = filtering.passed
    monkeypatch.setattr(filtering, "passed", lambda *a, **k: passes.append(a[2][0]) or usual(*a, **k))
    chunked = da.from_array(SIGNAL, chunks=100)
    monkeypatch.setattr(plan, "MOVE", 0.0)
    filtered = symtrans.dask.filter(chunked, kernel, lam=lam)
    assert sum(passes) == 60
    assert len(passes) > 1
    assert same(filtered, kernel(SIGNAL, lam=lam))


def test_a_network_runs_in_c_in_the_precision_of_the_array(caplog):
    network = Network("huber", 5)
    with caplog.at_level(logging.INFO, "symtrans.dask"):
        filtered = symtrans.dask.filter(da.from_array(SIGNAL.astype("float32"), chunks=99), network, theta=1.345)
    assert "C kernel, float32" in caplog.text
    assert same(filtered, network.compile("c", "float32")(SIGNAL.astype("float32"), theta=1.345))
    counts = np.arange(50) % 7
    filtered = symtrans.dask.filter(da.from_array(counts, chunks=20), network, theta=1.345)
    assert same(filtered, network.compile("c", "float64")(counts, theta=1.345))


def test_without_a_compiler_numpy_filters_and_says_so(monkeypatch):
    monkeypatch.setenv("CC", "/no/such/compiler")
    network = Network("huber", 5)
    with pytest.warns(FallbackWarning, match="NumPy filters"):
        filtered = symtrans.dask.filter(da.from_array(SIGNAL, chunks=99), network, theta=1.345)
    assert same(filtered, network.compile("numpy")(SIGNAL, theta=1.345))


def test_nothing_is_computed_before_it_is_asked_for(kernels):
    def block(info):
        raise AssertionError("computed")

    lazy = da.map_blocks(block, None, chunks=((50, 50),), dtype="float64", meta=np.empty(0))
    assert symtrans.dask.filter(lazy, kernels(7, "reflecting", "float64"), lam=1.0).shape == (100,)


def test_a_kernel_filters_a_dask_array_itself(kernels):
    kernel = kernels(7, "reflecting", "float64")
    chunked = da.from_array(SIGNAL, chunks=120)
    filtered = kernel(chunked, lam=1.5)
    assert isinstance(filtered, da.Array)
    assert same(filtered, kernel(SIGNAL, lam=1.5))
    with pytest.raises(NonlinearityError, match="later"):
        kernel(chunked, out=np.empty(400), lam=1.5)


def test_xarray_leads_to_the_same(kernels):
    xarray = pytest.importorskip("xarray")
    kernel = kernels(7, "reflecting", "float64")
    stack = RNG.normal(size=(200, 3))
    array = xarray.DataArray(stack, dims=("time", "station")).chunk(time=50, station=2)
    core = {"input_core_dims": [["time"]], "output_core_dims": [["time"]]}
    filtered = xarray.apply_ufunc(kernel, array, kwargs={"lam": 1.5}, dask="allowed", **core)
    assert filtered.chunks is not None
    assert np.array_equal(filtered.values, kernel(stack.T, lam=1.5))
    assert np.array_equal(kernel(array.compute(), lam=1.5), kernel(stack, lam=1.5))
    with pytest.raises(NonlinearityError, match="apply_ufunc"):
        kernel(array, lam=1.5)


def test_semi_implicit_steps_need_whole_axes():
    stack = RNG.normal(size=(6, 50))
    network = Network("perona-malik", 2, tau=2, scheme="semi-implicit")
    kernel = network.compile("numpy")
    with pytest.raises(NonlinearityError, match=r"no halo is wide enough.*rechunk\(\{1: -1\}\)"):
        symtrans.dask.filter(da.from_array(stack, chunks=(6, 25)), kernel, lam=1.0)
    assert same(symtrans.dask.filter(da.from_array(stack, chunks=(2, 50)), kernel, lam=1.0), kernel(stack, lam=1.0))


def test_empty_arrays(kernels):
    kernel = kernels(7, "reflecting", "float32")
    for shape in ((0,), (0, 5), (5, 0)):
        assert same(symtrans.dask.filter(da.zeros(shape), kernel, lam=1.0), np.empty(shape, "float32"))


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (lambda: np.zeros(5), "not a ndarray"),
        (lambda: da.from_array(np.array(["a", None] * 3, object), chunks=2), "not of object"),
        (lambda: da.zeros(10, dtype="complex64"), "not of complex64"),
        (lambda: da.zeros(10, chunks=5)[da.ones(10, chunks=5) > 0], "compute_chunk_sizes"),
        (lambda: da.ma.masked_array(da.zeros(10)), "MaskedArray"),
        (lambda: da.zeros(()), "at least one axis"),
    ],
)  # fmt: skip
def test_what_is_no_array_of_numbers_is_refused(kernels, array, words):
    with pytest.raises(NonlinearityError, match=words):
        symtrans.dask.filter(array(), kernels(7, "reflecting", "float64"), lam=1.0)


def test_wrong_parameters_are_told_before_anything_runs(kernels):
    with pytest.raises(NonlinearityError, match="give a value to lam"):
        symtrans.dask.filter(da.zeros(10), kernels(7, "reflecting", "float64"))
    with pytest.raises(NonlinearityError, match="neither a Network nor a Kernel"):
        symtrans.dask.filter(da.zeros(10), "huber", theta=1.0)
    kernel = Network("perona-malik", 2, tau="tau").compile("numpy")
    with pytest.raises(StabilityError):
        symtrans.dask.filter(da.zeros(10), kernel, lam=1.0, tau=2.0)


@pytest.mark.parametrize(("sizes", "said"), [((100, 100), False), ((100, 100, 3), True)])
def test_chunks_are_joined_only_where_they_must_and_it_is_said(kernels, sizes, said):
    kernel = kernels(7, "reflecting", "float64")
    length = sum(sizes)
    context = pytest.warns(da.PerformanceWarning, match="smaller than the halo") if said else nullcontext()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with context:
            filtered = symtrans.dask.filter(da.from_array(SIGNAL[:length], chunks=(sizes,)), kernel, lam=1.5)
    assert filtered.chunks == (((100, 103) if said else sizes),)


def test_the_order_of_bytes_changes_nothing():
    signal = np.random.default_rng(0).normal(size=40).astype("f4")
    found = symtrans.dask.filter(da.from_array(signal.astype(">f4"), chunks=10), Network("soft", 2), theta=1.0)
    expected = Network("soft", 2).compile(dtype="float32")(signal, theta=1.0)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found.compute(), expected)
