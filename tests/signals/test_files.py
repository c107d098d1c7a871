"""Signals written and read back; what the command line makes of files is in tests/cli."""

import numpy as np
import pytest

from symtrans import NonlinearityError
from symtrans.signals.files import check_output, read_signal, write_signal
from symtrans.signals.signal import Layout, Signal

ROWS = np.random.default_rng(3).uniform(-0.9, 0.9, size=(2, 50))


@pytest.mark.parametrize("samples", [ROWS, ROWS[0], ROWS[0, :1]], ids=["two", "one", "short"])
@pytest.mark.parametrize("suffix", ["npy", "csv", "txt"])
def test_what_is_written_is_read_back_bit_by_bit(tmp_path, suffix, samples):
    path = str(tmp_path / "new" / f"signal.{suffix}")
    write_signal(path, Signal(samples))
    np.testing.assert_array_equal(read_signal(path).samples, samples)


@pytest.mark.parametrize("samples", [ROWS, ROWS[0]], ids=["two", "one"])
def test_sound_is_kept_to_sixteen_bits_with_its_rate(tmp_path, samples):
    path = str(tmp_path / "sound.wav")
    write_signal(path, Signal(samples, 8000))
    found = read_signal(path)
    assert found.rate == 8000
    np.testing.assert_allclose(found.samples, samples, rtol=0, atol=2.0**-16)


def test_a_file_that_cannot_be_written_leaves_nothing(tmp_path):
    with pytest.raises(TypeError, match="dtype"):
        write_signal(str(tmp_path / "deep.csv"), Signal(np.full((2, 2), "text")))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["signal", "signal.mp3", "signal.npy.zip"])
def test_other_formats_are_refused(tmp_path, name):
    with pytest.raises(NonlinearityError, match=r"\.npy, \.csv, \.txt, \.wav"):
        read_signal(str(tmp_path / name))
    with pytest.raises(NonlinearityError, match=r"\.npy, \.csv, \.txt, \.wav"):
        write_signal(str(tmp_path / name), Signal(ROWS))


@pytest.mark.parametrize(
    ("name", "layout", "words"),
    [
        ("in.npy", {"columns": ("1",)}, "--column says nothing about .npy"),
        ("in.wav", {"axis": "0"}, "--axis says nothing about .wav"),
        ("ecg", {"decimal": ","}, "--decimal says nothing about ecg"),
    ],
)
def test_what_does_not_apply_is_refused(tmp_path, name, layout, words):
    if name != "ecg":
        write_signal(str(tmp_path / name), Signal(ROWS))
        name = str(tmp_path / name)
    with pytest.raises(NonlinearityError, match=words):
        read_signal(name, Layout(**layout))


def test_an_output_in_no_folder_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    for name, words in (("file/out.csv", "no folder"), ("out.mat", "does not end")):
        with pytest.raises(NonlinearityError, match=words):
            check_output(str(tmp_path / name))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(NonlinearityError, match="is a folder"):
        check_output(str(tmp_path / "folder.csv"))
    check_output(str(tmp_path / "new" / "out.csv"))
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("name", "mend"),
    [("a.json", "save its numbers as .csv"), ("a.parquet", "save its numbers as .csv"), ("a", "read from stdin")],
)
def test_what_no_name_tells_how_to_read_has_a_remedy(tmp_path, name, mend):
    (tmp_path / name).write_text("[1, 2]")
    with pytest.raises(NonlinearityError, match=mend):
        read_signal(str(tmp_path / name))
