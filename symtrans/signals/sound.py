"""Signals in sound files, .wav."""

import io
import wave

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.signals.containers import needed, understood
from symtrans.signals.signal import Layout, Signal, counted, places_of, shape_in_words

_USUAL_RATE = 44100
_EXTENSIBLE = 0xFFFE
_NUMBERS = (1, 3)  # whole ones, in floating point
_CODES = {2: "ADPCM", 6: "A-law", 7: "mu-law", 17: "IMA ADPCM", 0x31: "GSM", 0x55: "MP3"}
_UNKNOWN = 2**32 - 1
"""The length of what was not yet written when its head was."""


def read_sound(data: bytes, layout: Layout) -> Signal:
    """Each channel is a signal, of samples from -1 to 1; or those channels that the layout names by number."""
    if data[12:16] == b"fmt " and data[20:22] + data[44:46] == b"\xfe\xff\1\0":  # WAVE_FORMAT_EXTENSIBLE of integers
        data = data[:20] + b"\1\0" + data[22:]
    try:
        rate, frames, form = _read_pcm(data)
    except wave.Error as error:
        if "unknown format" not in str(error) and not data.startswith(b"RIFX"):
            raise
        _refuse_coded(data)
        rate, frames, form = _read_with_scipy(data)
    if layout.columns:
        frames = frames[:, places_of(layout.columns, [""] * frames.shape[1], "channel")]
    samples = frames.T[0] if frames.shape[1] == 1 else frames.T
    return Signal(samples, rate, remarks=(f"{shape_in_words(samples)}: {form}, {rate} samples a second",))


def _refuse_coded(data: bytes) -> None:
    """Refuse samples that are no numbers, and say what makes numbers of them."""
    head = data[data.find(b"fmt ") :]
    tag = int.from_bytes(head[8:10], "little")
    tag = int.from_bytes(head[32:34], "little") if tag == _EXTENSIBLE else tag
    if data.startswith(b"RIFF") and tag not in _NUMBERS:
        raise ValueError(
            f"its samples are coded ({_CODES.get(tag, f'format {tag:#06x}')}), and are no numbers; "
            "ffmpeg -i FILE -c:a pcm_s24le NEW.wav, sox or Audacity write them as such"
        )


def _read_pcm(data: bytes) -> tuple[int, np.ndarray, str]:
    with wave.open(io.BytesIO(data), "rb") as file:
        width, channels, rate, length = file.getsampwidth(), file.getnchannels(), file.getframerate(), file.getnframes()
        raw = file.readframes(length)
    if length == _UNKNOWN // (width * channels):  # of what was written into a pipe
        raw = raw[: len(raw) // (width * channels) * width * channels]
        length = len(raw) // (width * channels)
    if len(raw) != width * channels * length:
        raise ValueError(f"it is cut off: {len(raw) // (width * channels)} of {length} samples are there")
    if width > 4:
        raise ValueError(f"its samples have {8 * width} bits; write them in 32 bits or fewer, or in floating point")
    if width == 1:
        frames = np.frombuffer(raw, np.uint8).astype(float) / 128 - 1
    else:  # the bytes of a sample, the lowest first, are the upper ones of four
        padded = np.zeros((len(raw) // width, 4), np.uint8)
        padded[:, 4 - width :] = np.frombuffer(raw, np.uint8).reshape(-1, width)
        frames = padded.view("<i4")[:, 0] / 2.0**31
    return rate, frames.reshape(-1, channels), f"{8 * width} bits"


def _read_with_scipy(data: bytes) -> tuple[int, np.ndarray, str]:
    """What the standard library does not know: floating point, and numbers with the highest byte first."""
    wavfile = needed("scipy.io.wavfile", "this kind of .wav")
    rate, frames = understood(lambda: wavfile.read(io.BytesIO(data)), "SciPy")
    kind, size = frames.dtype.kind, frames.dtype.itemsize
    form = f"{8 * size} bits{' of floating point' if kind == 'f' else ''}"
    frames = frames.reshape(len(frames), -1).astype(float)
    if kind == "u":
        frames = frames / 128 - 1
    elif kind == "i":  # SciPy puts 24 bits into the upper ones of 32
        frames = frames / 2.0 ** (8 * size - 1)
    return rate, frames, form


def write_sound(signal: Signal) -> tuple[bytes, str]:
    """The file of 16 bits, and what is said of it: samples beyond -1 and 1 are scaled, never cut off."""
    channels = signal.samples.reshape(-1, signal.samples.shape[-1])
    known = round(signal.rate)
    rate = known or _USUAL_RATE
    words = f"16 bits, {rate} samples a second{'' if known else ', as no rate is known'}"
    if len(channels) * rate >= 2**30 or len(channels) >= 2**16:
        raise NonlinearityError(
            f"no .wav holds {len(channels)} channels of {rate} samples a second; write .npy or .csv"
        )
    if gaps := int(np.isnan(channels).sum()):
        channels = np.nan_to_num(channels)
        words += f"; {counted(gaps, 'gap')} written as silence"
    largest = np.abs(channels).max(initial=0.0)
    if largest > 1:
        channels = channels / largest
        words += f"; the samples reach {largest:.6g} and are divided by it, as sound lies between -1 and 1"
    data = np.minimum(np.round(channels * 2**15), 2**15 - 1).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data.T.tobytes())
    return buffer.getvalue(), words
