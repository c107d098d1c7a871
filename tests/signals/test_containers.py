"""Files of named arrays and of channels, written by the packages that define them."""

import io
import sys
from types import SimpleNamespace

import edfio
import h5py
import numpy as np
import pytest
from scipy.io import savemat

from symtrans import NonlinearityError
from symtrans.signals.files import read_signal
from symtrans.signals.signal import Layout

X = np.arange(10.0) / 10


def test_arrays_have_time_on_the_last_axis_unless_told(tmp_path):
    np.save(tmp_path / "in.npy", np.ones((50, 2), np.int16))
    path = str(tmp_path / "in.npy")
    assert "50 signals of 2 samples: shape (50, 2), int16" in read_signal(path).remarks[0]
    assert "--axis 0" in read_signal(path).remarks[0]
    assert read_signal(path, Layout(axis="0")).samples.shape == (2, 50)
    with pytest.raises(NonlinearityError, match=r"--axis time is no axis .* say 0 to 1"):
        read_signal(path, Layout(axis="time"))


def test_a_column_is_a_signal_and_nothing_is_none(tmp_path):
    path = str(tmp_path / "in.npy")
    np.save(path, X[:, None])
    np.testing.assert_array_equal(read_signal(path).samples, X)
    for empty in (np.empty(0), np.empty((3, 0))):
        np.save(path, empty)
        with pytest.raises(NonlinearityError, match="holds no samples"):
            read_signal(path)
    np.save(path, np.float64(3))
    with pytest.raises(NonlinearityError, match="one number"):
        read_signal(path)


def test_archives_of_numpy(tmp_path):
    path = str(tmp_path / "in.npz")
    np.savez(path, x=X, y=X[:3], note="words")
    np.testing.assert_array_equal(read_signal(path, Layout(columns=("y",))).samples, X[:3])
    with pytest.raises(NonlinearityError, match=r"it holds x \(10,\), y \(3,\); name one with --column"):
        read_signal(path)
    np.savez_compressed(path, X)
    np.testing.assert_array_equal(read_signal(path).samples, X)
    np.savez(path, note="words", z=X * 1j)
    with pytest.raises(NonlinearityError, match="no array of real numbers, only note, z"):
        read_signal(path)


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda file: np.savez(file, X), r"archive of several arrays; call it \.npz"),
        (lambda file: np.save(file, np.array([None, 1])), r"array of objects; save it anew as array.astype\(float\)"),
        (lambda file: file.write(b"1\n2\n"), "no array that numpy.save wrote"),
        (lambda file: file.write(b""), "no array that numpy.save wrote"),
    ],
)
def test_what_is_no_array_of_numpy_says_what_it_is(tmp_path, write, words):
    with open(tmp_path / "in.npy", "wb") as file:
        write(file)
    with pytest.raises(NonlinearityError, match=words):
        read_signal(str(tmp_path / "in.npy"))


def test_matlab(tmp_path):
    path = str(tmp_path / "in.mat")
    savemat(path, {"x": X, "note": "words"})
    np.testing.assert_array_equal(read_signal(path).samples, X)
    savemat(path, {"x": X, "y": np.ones((3, 4))})
    with pytest.raises(NonlinearityError, match=r"x \(1, 10\), y \(3, 4\); name one with --column"):
        read_signal(path)
    assert read_signal(path, Layout(columns=("y",))).samples.shape == (3, 4)


def test_matlab_of_version_7_3(tmp_path):
    path = str(tmp_path / "in.mat")
    with h5py.File(path, "w", userblock_size=512) as file:
        file["x"] = np.arange(10.0).reshape(5, 2)
        file["x"].attrs["MATLAB_class"] = np.bytes_("double")
    np.testing.assert_array_equal(read_signal(path).samples, np.arange(10.0).reshape(5, 2).T)
    with h5py.File(path, "r+") as file:
        file["x"].attrs["MATLAB_class"] = np.bytes_("char")
    with pytest.raises(NonlinearityError, match="it holds no array of real numbers"):
        read_signal(path)


def test_an_empty_variable_of_matlab_7_3_is_not_its_shape(tmp_path):
    path = str(tmp_path / "in.mat")
    with h5py.File(path, "w", userblock_size=512) as file:
        file["x"] = np.array([0, 7], np.uint64)
        file["x"].attrs.update(MATLAB_class=np.bytes_("double"), MATLAB_empty=np.uint8(1))
    with pytest.raises(NonlinearityError, match="holds no samples"):
        read_signal(path)


def test_hdf5(tmp_path):
    path = str(tmp_path / "in.h5")
    with h5py.File(path, "w") as file:
        file["group/x"] = X
        file["note"] = "words"
    found = read_signal(path)
    np.testing.assert_array_equal(found.samples, X)
    assert "group/x of shape (10,)" in found.remarks[0]


def test_edf(tmp_path):
    path = str(tmp_path / "in.edf")
    ecg = edfio.EdfSignal(np.sin(np.arange(500)), 250, label="ECG", physical_dimension="mV")
    edfio.Edf([ecg, edfio.EdfSignal(np.cos(np.arange(200)), 100, label="Resp")]).write(path)
    with pytest.raises(NonlinearityError, match=r"one rate with --column: ECG .mV., 250 .*Resp"):
        read_signal(path)
    found = read_signal(path, Layout(columns=("ECG",)))
    assert found.rate == 250
    np.testing.assert_allclose(found.samples, np.sin(np.arange(500)), atol=1e-4)


def edf_of(onsets, version=b"0"):
    """An EDF+ file of one channel, of ten samples a record; records begin at these seconds."""
    fields = (
        [b"CH", b"EDF Annotations"],
        [b""] * 2,
        [b"uV", b""],
        [b"-1"] * 2,
        [b"1"] * 2,
        [b"-32768"] * 2,
        [b"32767"] * 2,
    )
    widths = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
    head = (
        version,
        b"X X X X",
        b"Startdate X X X X",
        b"01.01.20",
        b"00.00.00",
        b"768",
        b"EDF+D",
        b"%d" % len(onsets),
        b"1",
        b"2",
    )
    text = b"".join(part.ljust(width) for part, width in zip(head, (8, 80, 80, 8, 8, 8, 44, 8, 8, 4), strict=True))
    columns = (*fields, [b""] * 2, [b"10", b"10"], [b""] * 2)
    text += b"".join(cell.ljust(width) for column, width in zip(columns, widths, strict=True) for cell in column)
    records = [np.arange(10, dtype="<i2").tobytes() + b"+%d\x14\x14\x00".ljust(20, b"\0") % onset for onset in onsets]
    return text + b"".join(record.ljust(40, b"\0") for record in records)


def test_time_between_the_records_of_an_edf_is_not_passed_over(tmp_path, monkeypatch):
    path = tmp_path / "in.edf"
    path.write_bytes(edf_of((0, 1, 7)))
    with pytest.raises(NonlinearityError, match=r"discontinuous \(EDF\+D\)"):
        read_signal(str(path))
    path.write_bytes(edf_of((0, 1, 2), b"\xffBIOSEMI"))
    with pytest.raises(NonlinearityError, match="BDF, of 24 bits"):
        read_signal(str(path))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(edf_of((0, 1, 2)))))
    assert read_signal("-").samples.shape == (30,)


def test_what_is_missing_of_an_edf_is_said_or_refused(tmp_path):
    path = tmp_path / "in.edf"
    edfio.Edf([edfio.EdfSignal(np.sin(np.arange(500)), 250, label="ECG")]).write(path)
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    found = read_signal(str(path))
    assert found.samples.shape == (250,)
    assert "Incomplete data record" in found.remarks[1]
    path.write_bytes(data[:200])
    with pytest.raises(NonlinearityError, match="it ends before its samples"):
        read_signal(str(path))


def test_a_column_of_text_that_begins_as_an_edf_does_is_text(monkeypatch):
    text = b"".join(b"%-8d%.1f\n" % (k, k * k) for k in range(40))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(text)))
    assert read_signal("-").samples.tolist() == [k * k for k in range(40)]


@pytest.mark.parametrize("suffix", ["npy", "mat", "h5", "edf", "wav"])
@pytest.mark.parametrize("content", [b"", b"junk" * 200])
def test_other_content_is_refused(tmp_path, suffix, content):
    (tmp_path / f"in.{suffix}").write_bytes(content)
    with pytest.raises(NonlinearityError, match=f"in.{suffix} cannot be read as a signal"):
        read_signal(str(tmp_path / f"in.{suffix}"))


@pytest.mark.parametrize(("suffix", "module"), [("mat", "scipy.io"), ("h5", "h5py"), ("edf", "edfio")])
def test_what_is_not_installed_is_named(tmp_path, monkeypatch, suffix, module):
    (tmp_path / f"in.{suffix}").write_bytes(b"")
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError, match=r"pip install \w+ .*symtrans\[signals\]"):
        read_signal(str(tmp_path / f"in.{suffix}"))


def test_attributes_of_hdf5_that_may_be_a_scale_are_named(tmp_path):
    path = str(tmp_path / "in.h5")
    with h5py.File(path, "w") as file:
        data = file.create_dataset("x", data=np.arange(5, dtype=np.int16))
        data.attrs["Gain"], data.attrs["units"], data.attrs["scale_factor"] = 0.5, "mV", 2.0
    found = read_signal(path)
    np.testing.assert_array_equal(found.samples, 2.0 * np.arange(5))
    assert found.remarks[1:] == ("unpacked by its attributes: scale_factor 2", "its attributes Gain are not applied")


def test_integers_that_are_no_doubles_are_said_to_be_rounded(tmp_path):
    np.save(tmp_path / "in.npy", np.array([2**53 + 1, 0]))
    assert "rounded to double precision" in read_signal(str(tmp_path / "in.npy")).remarks[0]


@pytest.mark.parametrize("begin", [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\0"])
def test_an_image_is_not_read_from_a_pipe(monkeypatch, begin):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(begin + bytes(99))))
    with pytest.raises(NonlinearityError, match=r"stdin .* it is an image, which is read from a file"):
        read_signal("-")
