"""Arrays of other libraries go in and come out as what they were."""

from types import SimpleNamespace

import numpy as np
import pytest

import symtrans as st

IMAGE = np.random.default_rng(17).random((6, 8)).astype(np.float32)
COLOURS = np.random.default_rng(18).integers(0, 256, (6, 8, 3)).astype(np.uint8)


def denoised(image, **options):
    return st.denoise(image, "perona-malik", **{"num_iter": 3, "lam": 0.3, "target": "numpy", **options})


@pytest.mark.parametrize("library", ["torch", "jax.numpy", "array_api_strict"])
def test_a_library_gets_its_own_array_back(library):
    asarray = pytest.importorskip(library).asarray
    for image, options in ((IMAGE, {}), (COLOURS, {"channel_axis": -1})):
        given = asarray(image)
        found, expected = denoised(given, **options), denoised(image, **options)
        assert type(found) is type(given)
        assert found.device == given.device
        tolerance = 0 if library != "jax.numpy" else 1e-6  # of single precision, unless it is told otherwise
        np.testing.assert_allclose(np.asarray(found), expected, rtol=0, atol=tolerance)
        assert str(asarray(expected).dtype) == str(found.dtype)
    assert st.estimate_contrast(asarray(IMAGE)) == st.estimate_contrast(IMAGE)


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_dask_waits_until_it_is_asked_and_chunks_have_the_bits_of_one_piece(target):
    dask = pytest.importorskip("dask.array")
    floats, colours = (np.tile(array, (2, 2) + (1,) * (array.ndim - 2)) for array in (IMAGE, COLOURS))
    for image, options in ((floats, {}), (colours, {"channel_axis": -1}), (floats, {"scheme": "fsi", "cycle": 2})):
        options |= {"num_iter": 2, "target": target}
        expected = denoised(image, **options)
        found = denoised(dask.from_array(image, (6, 8, 3)[: image.ndim]), **options)
        assert isinstance(found, dask.Array)
        assert max(found.numblocks) > 1
        assert (found.shape, found.dtype) == (expected.shape, expected.dtype)
        np.testing.assert_array_equal(found.compute(), expected)


def test_what_dask_cannot_be_filtered_with_says_why():
    dask = pytest.importorskip("dask.array")
    with pytest.raises(st.NonlinearityError, match="channel_axis=-1"):
        denoised(dask.from_array(COLOURS, 4))
    with pytest.raises(st.NonlinearityError, match="not say which range"):
        denoised(dask.from_array(COLOURS.astype(int), 4), channel_axis=-1)
    with pytest.raises(st.NonlinearityError, match=r'lam="auto" looks at a whole image.*estimate_contrast'):
        denoised(dask.from_array(IMAGE, 5), lam="auto")
    with pytest.raises(st.NonlinearityError, match="no halo is wide enough"):
        denoised(dask.from_array(IMAGE, 5), scheme="semi-implicit", tau=2)
    with pytest.raises(st.NonlinearityError, match=r"the implicit scheme.*image.rechunk\(-1\)"):
        denoised(dask.from_array(IMAGE, 5), scheme="implicit", tau=2, target=None)
    whole = {"scheme": "implicit", "tau": 2, "target": None}
    np.testing.assert_array_equal(denoised(dask.from_array(IMAGE, -1), **whole).compute(), denoised(IMAGE, **whole))
    with pytest.raises(st.NonlinearityError, match=r"\(nan, 8\): call compute_chunk_sizes\(\)"):
        denoised(dask.from_array(IMAGE, 4)[dask.from_array(IMAGE[:, 0], 4) > 0])
    holed = IMAGE.copy()
    holed[5, 7] = np.nan
    with pytest.raises(st.NonlinearityError, match=r"not finite, first nan at \[5, 7\]"):
        denoised(dask.from_array(holed, (3, 4))).compute()


@pytest.mark.parametrize("chunks", [None, {"x": 4}])
def test_labels_come_back(chunks):
    xarray = pytest.importorskip("xarray")
    given = xarray.DataArray(IMAGE, dims=("y", "x"), coords={"x": np.arange(8) / 2}, attrs={"units": "K"}, name="T")
    if chunks:
        pytest.importorskip("dask.array")
        given = given.chunk(chunks)
    found = denoised(given)
    assert (found.data.dtype, type(found.data)) == (np.float32, type(given.data))
    xarray.testing.assert_identical(found.compute(), given.copy(data=denoised(IMAGE)))


def test_labels_of_pandas_come_back():
    pandas = pytest.importorskip("pandas")
    days = pandas.date_range("2020-01-01", periods=8)
    series = pandas.Series(IMAGE[0], days, name="T")
    pandas.testing.assert_series_equal(denoised(series), pandas.Series(denoised(IMAGE[0]), days, name="T"))
    frame = pandas.DataFrame(IMAGE.astype("float64"), columns=days)
    expected = pandas.DataFrame(denoised(IMAGE.astype("float64")), columns=days)
    pandas.testing.assert_frame_equal(denoised(frame), expected)
    assert frame.iloc[0, 0] == IMAGE[0, 0]


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8", "u1", "u2", "i2"])
def test_the_order_of_bytes_changes_nothing(dtype):
    image = (100 * IMAGE).astype(dtype)
    swapped = image.astype(image.dtype.newbyteorder(">"))
    found, expected = denoised(swapped, lam=3.0), denoised(image, lam=3.0)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found, expected)
    model = st.models.diffusion_step(swapped, st.catalogue["soft"], 0.1, theta=1.0)
    assert model.dtype == st.models.diffusion_step(image, st.catalogue["soft"], 0.1, theta=1.0).dtype


def test_tensors_that_numpy_does_not_have():
    torch = pytest.importorskip("torch")
    image = torch.tensor(IMAGE)
    negative = torch._neg_view(image)
    torch.testing.assert_close(denoised(negative), -denoised(image))
    half = image.to(torch.bfloat16)
    torch.testing.assert_close(denoised(half), denoised(half.float()))


class OnADevice:
    """An array as CuPy's are: NumPy may not look at it."""

    def __init__(self, samples):
        self.samples = samples

    shape = property(lambda self: self.samples.shape)
    device = "device 7"
    __cuda_array_interface__ = SimpleNamespace()

    def __array__(self, *_, **__):
        raise TypeError("implicit conversion is not allowed")

    def get(self):
        return self.samples

    def __array_namespace__(self):
        return SimpleNamespace(asarray=OnADevice)  # that takes no device


def test_an_array_on_a_device_comes_down_and_goes_back():
    found = denoised(OnADevice(IMAGE))
    assert isinstance(found, OnADevice)
    np.testing.assert_array_equal(found.samples, denoised(IMAGE))


def test_what_needs_a_gradient_or_cannot_be_read_is_refused():
    with pytest.raises(st.NonlinearityError, match=r"detach\(\) it"):
        denoised(SimpleNamespace(requires_grad=True))
    with pytest.raises(st.NonlinearityError, match="an image takes an array of numbers"):
        denoised([[1.0, 2.0], [3.0]])
    masked = np.ma.masked_less(IMAGE, 0.5)
    with pytest.raises(st.NonlinearityError, match="an image takes no masked numbers"):
        denoised(masked)


def test_what_jax_traces_is_refused_with_what_it_can_trace():
    jax = pytest.importorskip("jax")
    kernel, image = st.Network("soft").compile("numpy"), jax.numpy.asarray(IMAGE)
    for traced in (
        lambda: jax.jit(denoised)(image),
        lambda: jax.jit(lambda theta: st.denoise(image, "soft", num_iter=1, theta=theta))(0.1),
        lambda: jax.grad(lambda u: kernel(u, theta=0.1).sum())(image),
    ):
        with pytest.raises(st.NonlinearityError, match="--target jax"):
            traced()
