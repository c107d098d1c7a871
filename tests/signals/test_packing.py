"""Files whose numbers are packed as netCDF packs them: scaled, unsigned, with a value for what is missing."""

import numpy as np
import pytest

from symtrans import NonlinearityError
from symtrans.signals.files import read_signal
from symtrans.signals.packing import unpacked
from symtrans.signals.signal import Layout
from symtrans.signals.stores import opened


@pytest.mark.parametrize(
    ("stored", "attributes", "meant"),
    [
        (
            np.array([100, -32768, 300], "i2"),
            {"scale_factor": 0.5, "add_offset": 5.0, "_FillValue": -32768},
            [55, "", 155],
        ),
        (np.array([1.0, -9999, 3]), {"missing_value": np.array([-9999.0])}, [1, "", 3]),
        (np.array([1, -1, -2], "i1"), {"_Unsigned": b"true", "_FillValue": np.int8(-1)}, [1, "", 254]),
        (np.array([1, 300, -7], "i2"), {"valid_range": np.array([0, 200], "i2")}, [1, "", ""]),
        (np.array([1, 300, -7], "i2"), {"valid_min": 0, "scale_factor": 2.0}, [2, 600, ""]),
        (np.array([1.0, 2.0]), {"units": "mV", "scale": 2.0}, [1, 2]),
        (np.array([1.0, np.nan]), {"_FillValue": "AAAAAAAA+H8="}, [1, ""]),
    ],
)
def test_what_is_meant(stored, attributes, meant):
    np.testing.assert_array_equal(unpacked(stored, attributes)[0], [np.nan if one == "" else one for one in meant])


def test_hdf5_is_unpacked_with_a_word(tmp_path):
    h5py = pytest.importorskip("h5py")
    path = str(tmp_path / "in.h5")
    with h5py.File(path, "w") as file:
        line = file.create_dataset("line", data=np.array([100, 200, -1, 300], "i2"))
        line.attrs.update({"scale_factor": 0.01, "_FillValue": np.int16(-1)})
    with pytest.raises(NonlinearityError, match="1 value that is missing"):
        read_signal(path)
    signal = read_signal(path, Layout(gaps="fill"))
    np.testing.assert_allclose(signal.samples, [1, 2, 2.5, 3])
    assert "scale_factor 0.01, _FillValue -1" in " ".join(signal.remarks)


def test_a_packed_store_is_refused(tmp_path):
    zarr = pytest.importorskip("zarr")
    for name, attributes in (("packed", {"scale_factor": 0.01}), ("nan", {"_FillValue": "AAAAAAAA+H8="})):
        array = zarr.create_array(str(tmp_path / f"{name}.zarr"), shape=(3,), dtype="f8")
        array.attrs.update(attributes)
    assert opened(str(tmp_path / "nan.zarr")).shape == (3,)
    with pytest.raises(NonlinearityError, match=r"packed numbers \(scale_factor 0.01\)"):
        opened(str(tmp_path / "packed.zarr"))
