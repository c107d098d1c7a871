"""A cluster of two worker processes: the bits of one piece, also where a worker dies, and an error where all do."""

import os
import signal
import time
from contextlib import contextmanager

import numpy as np
import pytest

pytest.importorskip("dask")
pytest.importorskip("zarr")
pytest.importorskip("distributed")

import dask.array as da
import distributed

import symtrans.dask
from symtrans import Network
from symtrans.signals import chunk_workers
from symtrans.signals.chunk_workers import Workers
from symtrans.signals.recordings import filter_recording
from symtrans.signals.stores import opened

SIGNAL = np.random.default_rng(1).normal(size=40_000).astype("float32")
LAM = {"lam": 1.5}
pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # of distributed, about what a killed worker leaves
    pytest.mark.skipif(os.name != "posix", reason="kills a process"),
]


@pytest.fixture(scope="module")
def kernel():
    return Network("perona-malik", 16).compile("c", "float32")


@contextmanager
def cluster_of_two():
    cluster = distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, host="127.0.0.1", dashboard_address=None
    )
    try:
        yield cluster
    finally:
        cluster.close(timeout=10)


def kill_one(client):
    os.kill(next(iter(client.run(os.getpid).values())), signal.SIGKILL)


def slowly(chunk):
    time.sleep(0.1)
    return chunk


def test_two_workers_of_which_one_dies(kernel, tmp_path):
    whole = kernel(SIGNAL, **LAM)
    np.save(tmp_path / "recording.npy", SIGNAL)
    with cluster_of_two() as cluster, distributed.Client(cluster, set_as_default=False) as client:
        chunked = da.from_array(SIGNAL, chunks=9_000)
        filtered = symtrans.dask.filter(chunked, kernel, **LAM)
        assert client.compute(filtered).result(timeout=60).tobytes() == whole.tobytes()
        pids = client.run(os.getpid)
        assert len(pids) == 2
        assert os.getpid() not in pids.values()

        slow = symtrans.dask.filter(
            da.from_array(SIGNAL, chunks=2_000).map_blocks(slowly, dtype="float32"), kernel, **LAM
        )
        future = client.compute(slow)
        time.sleep(0.5)
        kill_one(client)
        assert future.result(timeout=60).tobytes() == whole.tobytes()

        done = []

        @contextmanager
        def progress(count):
            def step():
                done.append(count)
                if len(done) == 3:
                    kill_one(client)

            yield step

        source, output = opened(str(tmp_path / "recording.npy")), tmp_path / "out.zarr"
        workers = Workers(scheduler=cluster.scheduler_address)
        options = {"chunks": (2_000,), "workers": workers, "progress": progress}
        filter_recording(source, str(output), kernel.network, LAM, **options)
        assert done == [20] * 20
        assert opened(str(output))[:].tobytes() == whole.tobytes()


def test_a_cluster_that_goes_away(kernel, tmp_path, monkeypatch):
    monkeypatch.setattr(chunk_workers, "_PATIENCE", 2)
    np.save(tmp_path / "recording.npy", SIGNAL)
    output = tmp_path / "out.zarr"
    with cluster_of_two() as cluster:

        @contextmanager
        def progress(count):
            done = []

            def step():
                done.append(1)
                if len(done) == 3:
                    cluster.close(timeout=10)

            yield step

        source = opened(str(tmp_path / "recording.npy"))
        options = {"chunks": (500,), "workers": Workers(scheduler=cluster.scheduler_address), "progress": progress}
        with pytest.raises(OSError, match=r"the cluster at tcp.* failed.*chunks are finished and stay.*--resume"):
            filter_recording(source, str(output), kernel.network, LAM, **options)
    assert not output.exists()
    filter_recording(source, str(output), kernel.network, LAM, chunks=(500,), resume=True)
    assert opened(str(output))[:].tobytes() == kernel(SIGNAL, **LAM).tobytes()
