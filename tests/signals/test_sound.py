"""Sound of every width, against the numbers that were put in."""

import struct
import sys
import wave

import numpy as np
import pytest
from scipy.io import wavfile

from symtrans import NonlinearityError
from symtrans.signals.files import read_signal, write_signal
from symtrans.signals.signal import Layout, Signal

X = np.array([0.0, 0.5, -1.0, 0.25])


def test_twenty_four_bits(tmp_path):
    path = str(tmp_path / "in.wav")
    with wave.open(path, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(3)
        file.setframerate(8000)
        file.writeframes((X * 2**23).astype("<i4").view("u1").reshape(-1, 4)[:, :3].tobytes())
    found = read_signal(path)
    np.testing.assert_array_equal(found.samples, X)
    assert found.remarks == ("1 signal of 4 samples: 24 bits, 8000 samples a second",)


@pytest.mark.parametrize("dtype", ["<f4", "<f8"])
def test_floating_point_beyond_one(tmp_path, dtype):
    wavfile.write(tmp_path / "in.wav", 8000, np.stack([2 * X, X], axis=1).astype(dtype))
    found = read_signal(str(tmp_path / "in.wav"))
    np.testing.assert_array_equal(found.samples, [2 * X, X])
    np.testing.assert_array_equal(read_signal(str(tmp_path / "in.wav"), Layout(columns=("2",))).samples, X)
    assert "floating point" in found.remarks[0]


@pytest.mark.parametrize("width", [2, 3, 4])
def test_extensible(tmp_path, width):
    raw = (X * 2**31).clip(-(2.0**31), 2.0**31 - 1).astype("<i4").view("u1").reshape(-1, 4)[:, 4 - width :].tobytes()
    form = struct.pack("<HHIIHHHHI", 0xFFFE, 1, 8000, 8000 * width, width, 8 * width, 22, 8 * width, 4)
    form += bytes.fromhex("0100000000001000800000aa00389b71")
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + b"data" + struct.pack("<I", len(raw)) + raw
    (tmp_path / "in.wav").write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    found = read_signal(str(tmp_path / "in.wav"))
    np.testing.assert_array_equal(found.samples, X)
    assert f"{8 * width} bits, 8000" in found.remarks[0]


def test_the_highest_byte_first(tmp_path):
    form = struct.pack(">IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16)
    raw = (X * 2**15).astype(">i2").tobytes()
    body = b"WAVEfmt " + form + b"data" + struct.pack(">I", len(raw)) + raw
    (tmp_path / "in.wav").write_bytes(b"RIFX" + struct.pack(">I", len(body)) + body)
    np.testing.assert_array_equal(read_signal(str(tmp_path / "in.wav")).samples, X)


@pytest.mark.parametrize("length", [0, 20])
def test_a_file_without_its_head_is_refused(tmp_path, length):
    path = tmp_path / "in.wav"
    write_signal(str(path), Signal(X))
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(NonlinearityError, match="it ends before its samples"):
        read_signal(str(path))


def test_a_file_that_is_cut_off_is_refused(tmp_path):
    path = tmp_path / "in.wav"
    write_signal(str(path), Signal(X))
    path.write_bytes(path.read_bytes()[:-2])
    with pytest.raises(NonlinearityError, match="cut off: 3 of 4 samples"):
        read_signal(str(path))


def test_what_comes_from_a_pipe_has_no_length(tmp_path):
    path = tmp_path / "in.wav"
    write_signal(str(path), Signal(X))
    data = path.read_bytes()
    path.write_bytes(data[:4] + b"\xff" * 4 + data[8:40] + b"\xff" * 4 + data[44:])
    np.testing.assert_allclose(read_signal(str(path)).samples, X, atol=2.0**-15)


def test_gaps_become_silence_with_a_word(tmp_path):
    assert "1 gap written as silence" in write_signal(str(tmp_path / "out.wav"), Signal(np.array([0.5, np.nan])))


def test_samples_beyond_one_are_scaled_with_a_word(tmp_path):
    words = write_signal(str(tmp_path / "out.wav"), Signal(400 * X, 8000))
    assert "reach 400 and are divided by it" in words
    np.testing.assert_allclose(read_signal(str(tmp_path / "out.wav")).samples, X, atol=2.0**-15)
    assert "divided" not in write_signal(str(tmp_path / "out.wav"), Signal(X))


def test_what_no_sound_holds_is_refused(tmp_path):
    with pytest.raises(NonlinearityError, match=r"no \.wav holds 70000 channels"):
        write_signal(str(tmp_path / "out.wav"), Signal(np.zeros((70000, 1))))
    assert "44100 samples a second, as no rate" in write_signal(str(tmp_path / "out.wav"), Signal(X, 0.01))


def test_without_scipy_floating_point_is_refused_with_the_remedy(tmp_path, monkeypatch):
    wavfile.write(tmp_path / "in.wav", 8000, X)
    monkeypatch.setitem(sys.modules, "scipy.io.wavfile", None)
    with pytest.raises(ImportError, match=r"pip install scipy .*symtrans\[signals\]"):
        read_signal(str(tmp_path / "in.wav"))


def test_wider_integers_are_refused(tmp_path):
    wavfile.write(tmp_path / "in.wav", 8000, np.arange(4, dtype="<i8"))
    with pytest.raises(NonlinearityError, match="samples have 64 bits; write them in 32 bits or fewer"):
        read_signal(str(tmp_path / "in.wav"))


@pytest.mark.parametrize(
    ("tag", "name"), [(2, "ADPCM"), (6, "A-law"), (7, "mu-law"), (17, "IMA ADPCM"), (0x40, "0x0040")]
)
@pytest.mark.parametrize("is_extensible", [False, True])
def test_samples_in_a_code_are_refused_with_what_makes_numbers_of_them(tmp_path, tag, name, is_extensible):
    head = struct.pack("<HHIIHH", 0xFFFE if is_extensible else tag, 1, 8000, 8000, 1, 8)
    head += struct.pack("<HHIH14s", 22, 8, 4, tag, b"") if is_extensible else struct.pack("<H", 0)
    body = b"WAVEfmt " + struct.pack("<I", len(head)) + head + b"data" + struct.pack("<I", 16) + bytes(range(16))
    path = tmp_path / "in.wav"
    path.write_bytes(b"RIFF" + struct.pack("<I", len(body)) + body)
    with pytest.raises(NonlinearityError, match=rf"coded \((format )?{name}\).*ffmpeg -i FILE -c:a pcm_s24le NEW.wav"):
        read_signal(str(path))
