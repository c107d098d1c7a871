"""Recordings are filtered from file to file with the bits of one piece; what fails leaves nothing half-written."""

import errno
import json
import shutil
import sys
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("dask")
pytest.importorskip("zarr")

import fsspec
import zarr

from symtrans import Network, NonlinearityError, cli
from symtrans.signals import chunk_workers, recordings
from symtrans.signals.measures import sign_changes
from symtrans.signals.recordings import filter_recording
from symtrans.signals.stores import Store, opened

SAMPLES = np.random.default_rng(5).normal(size=(2, 1000)).astype("float32")
VALUES = {"lam": 1.5}


@pytest.fixture(scope="module")
def network():
    return Network("perona-malik", 8)


@pytest.fixture(scope="module")
def whole(network):
    return network.compile("c", "float32")(SAMPLES, lam=1.5)


@pytest.fixture(params=["npy", "zarr"])
def recording(request, tmp_path):
    return stored(tmp_path / f"recording.{request.param}", SAMPLES)


def stored(path, samples, chunks=(1, 100)):
    if path.suffix == ".npy":
        np.save(path, samples)
    else:
        zarr.create_array(str(path), shape=samples.shape, chunks=chunks, dtype=samples.dtype)[:] = samples
    return path


def run(source, output, network, **options):
    return filter_recording(opened(str(source)), str(output), network, VALUES, **{"chunks": (1, 100), **options})


def left_over(folder):
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def stopped(count, after, action):
    """A progress that does something once so many chunks are finished."""
    done = []

    def step():
        done.append(1)
        if len(done) == after:
            action()

    yield step


@pytest.mark.parametrize("suffix", [".npy", ".zarr"])
def test_from_file_to_file(recording, tmp_path, network, whole, suffix):
    output = tmp_path / f"out{suffix}"
    target, report = run(recording, output, network)
    assert target == "c"
    found = opened(str(output))
    assert found.dtype == np.float32
    assert np.array_equal(found[:, :], whole)
    for part, samples in (("input", SAMPLES), ("output", whole)):
        assert report[part]["sign_changes"] == sign_changes(samples)
        assert report[part]["minimum"] == samples.min()
        assert report[part]["maximum"] == samples.max()
        assert report[part]["mean"] == pytest.approx(samples.mean(dtype=float), abs=1e-12)
    assert left_over(tmp_path) == sorted([recording.name, output.name])


def test_a_run_that_was_ended_goes_on_where_it_was(recording, tmp_path, network, whole):
    output = tmp_path / "out.npy"

    def interrupt():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(recording, output, network, progress=lambda count: stopped(count, 7, interrupt))
    assert not output.exists()
    with pytest.raises(NonlinearityError, match="unfinished run: go on with --resume, or delete it"):
        run(recording, output, network)
    with pytest.raises(NonlinearityError, match="other settings: kernel"):
        run(recording, output, Network("perona-malik", 9), resume=True)
    counts = []

    @contextmanager
    def counted(count):
        counts.append(count)
        yield lambda: None

    run(recording, output, network, resume=True, progress=counted)
    assert counts[0] <= 20 - 7
    assert np.array_equal(np.load(output), whole)
    assert left_over(tmp_path) == sorted([recording.name, output.name])


def test_a_source_that_vanishes(recording, tmp_path, network):
    output = tmp_path / "out.zarr"

    def vanish():
        shutil.rmtree(recording) if recording.is_dir() else recording.unlink()

    with pytest.raises(OSError, match=r"recording.*of 20 chunks are finished and stay in .*--resume"):
        run(recording, output, network, progress=lambda count: stopped(count, 3, vanish))
    assert not output.exists()


def test_chunks_that_vanish_are_no_zeros(tmp_path, network):
    recording = stored(tmp_path / "recording.zarr", SAMPLES)

    def vanish():
        (recording / "c" / "1" / "9").unlink()

    with pytest.raises(OSError, match=r"chunks of .* have gone while it was read"):
        run(recording, tmp_path / "out.zarr", network, progress=lambda count: stopped(count, 1, vanish))
    assert not (tmp_path / "out.zarr").exists()


def test_a_source_that_changes(tmp_path, network):
    recording = stored(tmp_path / "recording.npy", SAMPLES)
    output = tmp_path / "out.npy"
    with pytest.raises(OSError, match="was written to while it was read"):
        run(
            recording,
            output,
            network,
            progress=lambda count: stopped(count, 3, lambda: np.save(recording, 2 * SAMPLES)),
        )
    with pytest.raises(NonlinearityError, match="other settings: source"):
        run(recording, output, network, resume=True)
    assert not output.exists()


def test_a_full_disk(recording, tmp_path, network, monkeypatch):
    usual, written = Store.write, []

    def full(self, region, samples):
        written.append(region)
        if len(written) > 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        usual(self, region, samples)

    monkeypatch.setattr(Store, "write", full)
    with pytest.raises(OSError, match=r"(?i)no space left on device.*4 of 20 chunks are finished"):
        run(recording, tmp_path / "out.zarr", network)
    monkeypatch.undo()
    monkeypatch.setattr("shutil.disk_usage", lambda path: SimpleNamespace(free=1000))
    with pytest.raises(OSError, match="free, and"):
        run(recording, tmp_path / "out.npy", network)
    assert not [name for name in left_over(tmp_path) if name.endswith("out.npy.part")]


def test_a_file_that_the_disk_does_not_take(recording, tmp_path, network, monkeypatch):
    def refused(*_):
        raise OSError(errno.EFBIG, "File too large")

    monkeypatch.setattr("os.posix_fallocate", refused, raising=False)
    with pytest.raises(OSError, match=r"takes no file of .* GB; a \.zarr has a smaller one for each chunk"):
        run(recording, tmp_path / "out.npy", network)
    assert not [name for name in left_over(tmp_path) if name.endswith("out.npy.part")]


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_samples_that_are_not_finite(tmp_path, network, bad):
    samples = SAMPLES.copy()
    samples[1, 456] = bad
    recording = stored(tmp_path / "recording.zarr", samples)
    with pytest.raises(NonlinearityError, match=r"not finite, first at index \(1, 456\)"):
        run(recording, tmp_path / "out.zarr", network)
    assert left_over(tmp_path) == ["recording.zarr"]


@pytest.mark.parametrize(
    ("output", "chunks", "words"),
    [
        ("out.wav", (), "does not end in one of .npy, .zarr"),
        ("recording.npy", (), "exists"),
        ("no/out.npy", (), "no folder"),
        ("out.npy", (1, 1, 1), r"each axis of \(.*last ones"),
        ("out.npy", (0,), "a positive whole number for each axis"),
    ],
)
def test_what_cannot_be_written_is_refused_before(tmp_path, network, output, chunks, words):
    recording = stored(tmp_path / "recording.npy", SAMPLES)
    with pytest.raises(NonlinearityError, match=words):
        run(recording, tmp_path / output, network, chunks=chunks)
    assert left_over(tmp_path) == ["recording.npy"]


def test_what_holds_no_numbers_is_refused(tmp_path):
    zarr.create_group(str(tmp_path / "group.zarr")).create_array("pressure", shape=(3,), dtype="f4")
    np.save(tmp_path / "words.npy", np.array(["a", "b"]))
    np.save(tmp_path / "empty.npy", np.zeros((0, 3)))
    np.save(tmp_path / "objects.npy", np.array([None, 1], object), allow_pickle=True)
    for name, words in (
        ("group.zarr", "name one of its arrays: pressure"),
        ("words.npy", "not of real numbers"),
        ("empty.npy", "no samples"),
        ("objects.npy", "cannot be read"),
        ("nowhere.zarr", "cannot be read"),
    ):
        with pytest.raises(NonlinearityError, match=words):
            opened(str(tmp_path / name))
    assert opened(str(tmp_path / "group.zarr" / "pressure")).shape == (3,)


def test_a_source_at_a_url(tmp_path, network, whole):
    """In object storage, for which fsspec's memory stands here."""
    url = "memory://bucket/recording.zarr"
    array = zarr.create_array(url, shape=SAMPLES.shape, chunks=(1, 100), dtype=SAMPLES.dtype, overwrite=True)
    array[:] = SAMPLES
    filter_recording(opened(url), str(tmp_path / "out.zarr"), network, VALUES, chunks=(1, 100))
    assert np.array_equal(opened(str(tmp_path / "out.zarr"))[:, :], whole)
    files = fsspec.filesystem("memory")

    def vanish():
        files.rm("/bucket", recursive=True)

    with pytest.raises(OSError, match=r"memory://bucket.* is not there any more.*--resume"):
        filter_recording(
            opened(url), str(tmp_path / "new.zarr"), network, VALUES, chunks=(1, 100),
            progress=lambda count: stopped(count, 3, vanish),
        )  # fmt: skip
    assert not (tmp_path / "new.zarr").exists()


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("memory://bucket/nowhere.zarr", "cannot be read as an array"),
        ("nowhere://bucket/line.zarr", "Protocol not known: nowhere"),
        ("s3://bucket/line.npy", "only arrays of Zarr are read; copy the file here first"),
    ],
)
def test_what_is_not_at_a_url(url, words):
    with pytest.raises(NonlinearityError, match=words):
        opened(url)


def test_a_url_is_not_written_to(symtrans, tmp_path):
    recording = stored(tmp_path / "recording.zarr", SAMPLES)
    words = ("denoise", f"file://{recording}", "--set", "lam=1", "-o")
    result = symtrans(*words, "s3://bucket/out.zarr")
    assert result.status == 2
    assert "write into a folder and copy that" in result.err
    assert "to_zarr('s3://bucket/out.zarr')" in result.err
    result = symtrans(*words, tmp_path / "out.zarr")
    assert result.status == 0, result.err


@pytest.fixture
def symtrans(capfd, monkeypatch):
    def command(*words):
        monkeypatch.setattr(sys, "argv", ["symtrans", *map(str, words)])
        capfd.readouterr()
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capfd.readouterr()
        return SimpleNamespace(status=stop.value.code or 0, out=out, err=err)

    return command


def test_the_command(symtrans, tmp_path, recording):
    words = ("denoise", recording, "--with", "huber", "--set", "c=1.345", "--blocks", "8", "--json")
    output = tmp_path / "out.zarr"
    result = symtrans(*words, "-o", output, "--chunks", "1,250", "--workers", "2")
    assert result.status == 0, result.err
    expected = Network("huber", 8).compile("c", "float32")(SAMPLES, theta=1.345 / 2**0.5)
    assert np.array_equal(opened(str(output))[:, :], expected)
    assert json.loads(result.out)["c"]["sign_changes"] == sign_changes(expected)
    assert "shape (2, 1000), float32" in result.err
    for more, status in ((("-o", output), "exists"), (("--noise", "1"), "whole signal in memory"), ((), "--output")):
        result = symtrans(*words, *more, "--chunks", "250")
        assert (result.status, result.out) == (2, "")
        assert status in result.err


def test_who_interrupts_is_told_how_to_go_on(symtrans, tmp_path, recording, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    words = ("denoise", recording, "--chunks", "500", "--set", "lam=1", "-o", tmp_path / "out.npy")
    with monkeypatch.context() as patched:
        patched.setattr(recordings, "compute", interrupted)
        result = symtrans(*words)
    assert result.status == 130
    assert "interrupted: finished chunks stay in" in result.err
    assert "--resume goes on" in result.err
    assert not (tmp_path / "out.npy").exists()
    assert symtrans(*words, "--resume").status == 0


def test_the_command_on_images(symtrans, tmp_path):
    image = np.random.default_rng(0).normal(size=(3, 40, 50))
    recording = stored(tmp_path / "image.zarr", image, (3, 16, 16))
    words = ("--with", "perona-malik", "--set", "lam=1", "--blocks", "3", "--target", "numpy", "--dtype", "float64")
    result = symtrans(
        "denoise", recording, *words, "--spacing", "1", "--channel-axis", "0", "--chunks", "20,25", "-o",
        tmp_path / "out.npy",
    )  # fmt: skip
    assert result.status == 0, result.err
    expected = Network("perona-malik", 3, h=(1, 1), channels=True).compile("numpy")(image, lam=1.0)
    assert np.array_equal(np.load(tmp_path / "out.npy"), expected)
    assert "sign changes" not in result.out


def test_integers_of_an_image_are_scaled_in_chunks_as_without(symtrans, tmp_path):
    np.save(tmp_path / "in.npy", np.random.default_rng(0).integers(0, 255, (20, 30)).astype(np.uint8))
    words = ("denoise", tmp_path / "in.npy", "--image", "--set", "lam=0.1", "--blocks", "3", "--target", "numpy")
    for chunks, output in (((), "whole.npy"), (("--chunks", "10,11"), "chunks.npy")):
        result = symtrans(*words, *chunks, "-o", tmp_path / output)
        assert result.status == 0, result.err
    assert "scaled to 0 ... 1" in result.out + result.err
    assert np.array_equal(*(np.load(tmp_path / name) for name in ("whole.npy", "chunks.npy")))


def test_a_cluster_that_is_not_there(symtrans, tmp_path, monkeypatch):
    monkeypatch.setattr(chunk_workers, "_PATIENCE", 1)
    recording = stored(tmp_path / "recording.npy", SAMPLES)
    words = ("denoise", recording, "--with", "huber", "--set", "theta=1.345", "-o", tmp_path / "out.zarr")
    result = symtrans(*words, "--scheduler", "tcp://127.0.0.1:9")
    assert result.status == 2
    assert "there is no cluster at tcp://127.0.0.1:9" in result.err
    result = symtrans(*words, "--scheduler", "nonsense")
    assert result.status == 2
    assert "--scheduler nonsense is no address such as tcp://" in result.err
    assert left_over(tmp_path) == ["recording.npy"]


@pytest.mark.parametrize("order", ["C", "F"])
def test_regions_of_a_file_are_read_and_written_as_they_lie(tmp_path, order):
    samples = np.asarray(np.random.default_rng(0).normal(size=(3, 4, 50)), order=order)
    np.save(tmp_path / "a.npy", samples)
    store = opened(str(tmp_path / "a.npy"))
    for region in (np.s_[1:2, 2:3, 5:40], np.s_[:, 1:3, 5:6], np.s_[0:3, 0:4, 0:50], np.s_[2:3, :, :]):
        assert np.array_equal(store[region], samples[region])
        store.write(region, 2 * samples[region].astype("float32"))
        samples[region] = 2 * samples[region].astype("float32")
        assert np.array_equal(np.load(tmp_path / "a.npy"), samples)
    (tmp_path / "a.npy").write_bytes((tmp_path / "a.npy").read_bytes()[:-8])
    with pytest.raises(OSError, match="cannot be read"):
        store[np.s_[2:3, 3:4, 0:50]]
