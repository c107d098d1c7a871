"""Arrays larger than memory: what `symtrans denoise` and `symtrans.dask` take beside the bare kernel and the disk.

    python -m benchmarks scale [--samples 2^28] [--chunk 2^22] [--workers 2] [--rounds 2] [--folder /tmp]

overhead
    Core seconds of `symtrans.dask.filter` over those of the bare kernel, both on the same chunks in memory, of
    2^20 samples; beside them Dask's own `map_overlap`, and the same graph where the kernel does nothing. Memory that is
    freed stays with the process: pages that the system takes back and gives anew would count for more than
    Dask, and for the kernel alone most. The least of all rounds, as a load only adds.
workers
    How many times as fast so many threads filter as one, through Dask, 64 such chunks, with memory as users have it, in
    a process of its own. The least of all rounds of each.
out of core
    `symtrans denoise a.npy -o b.npy` in a process of its own: samples a second over the smaller of two rates, that of
    the kernel in memory, on as many threads, and that of the disk, which is a copy of the file chunk by chunk; the
    core seconds of each, of a start (a file of few samples) and of the statistics, and what the model says of the
    filter; the peak memory of the process with all its children, seen 20 times a second.

Rivals run in turn within each round. All is in float32, with 32 blocks of Perona-Malik. The folder needs twice the
size of the array, 8 bytes a sample; what is written there is deleted.
"""

import argparse
import ctypes
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from benchmarks.clock import fresh, in_turn, surroundings
from symtrans import Kernel, Network
from symtrans.dask.plan import plan
from symtrans.signals.chunk_statistics import statistics_of

BLOCKS, LAM = 32, 1.0
SMALL, COUNT, LONGER = 2**20, 16, 64  # chunks of what is measured in memory; so many are shared by workers
OVERHEAD, THROUGHPUT, MEMORY = 0.1, 0.8, 1.5 * 2**30


def persisted(array: Any, workers: int = 1) -> object:
    """What threads make of an array of Dask, in memory."""
    return array.persist(scheduler="threads", num_workers=workers)


def with_memory_kept() -> None:
    """From now on glibc keeps what is freed, in one heap."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None) if os.name == "posix" else None
    for option, value in ((-3, 2**30), (-1, 2**31 - 1), (-8, 1)) if mallopt else ():  # mmap, trim, arenas
        mallopt(option, value)


def network() -> Network:
    """What filters."""
    return Network("perona-malik", BLOCKS)


def of_workers(rounds: int, workers: int) -> None:
    """How many times as fast several are as one."""
    import dask.array as da

    import symtrans.dask

    kernel, signal = network().compile("c", "float32"), np.random.default_rng(0).standard_normal(SMALL, np.float32)
    array = da.concatenate([da.from_array(signal, chunks=SMALL)] * LONGER)
    one, several = in_turn(
        rounds, *(lambda n=n: persisted(symtrans.dask.filter(array, kernel, lam=LAM), n) for n in (1, workers))
    ).min(axis=1)
    print(f"workers: {workers} are {one / several:.2f} times as fast as one", flush=True)


def in_memory(kernel: Kernel, rounds: int) -> None:
    """Overhead."""
    import dask.array as da

    import symtrans.dask
    from symtrans.dask.halos import passed

    signal = np.random.default_rng(0).standard_normal(SMALL * COUNT, np.float32)
    chunked = da.from_array(signal, chunks=SMALL)
    depth, numbers = {"depth": BLOCKS, "boundary": "none"}, {"dtype": kernel.dtype, "meta": signal[:0]}

    def ours() -> object:
        return persisted(symtrans.dask.filter(chunked, kernel, lam=LAM))

    def bare() -> object:
        return [kernel(chunk, lam=LAM) for chunk in signal.reshape(COUNT, SMALL)]

    def overlapped() -> object:
        return persisted(da.map_overlap(lambda chunk: kernel(chunk, lam=LAM), chunked, **depth, **numbers))

    def nothing() -> object:
        return persisted(passed(chunked, unchanged, (BLOCKS,), kernel.dtype, ring=False))

    with_memory_kept()
    clock = time.process_time
    each = 1e3 * in_turn(rounds, ours, bare, overlapped, nothing, clock=clock).min(axis=1) / COUNT
    print(f"overhead: {each[0]:.2f} ms of a core for a chunk of 2^20 samples, the bare kernel {each[1]:.2f} ms")
    print(f"  {100 * (each[0] / each[1] - 1):.1f} % more core seconds; goal {100 * OVERHEAD:.0f} %")
    print(
        f"  {100 * (each[2] / each[1] - 1):.1f} % more by map_overlap; {each[3]:.2f} ms where the kernel does nothing"
    )


def unchanged(chunk: np.ndarray, region: Any = None) -> np.ndarray:
    """What the kernel would filter."""
    return chunk if region is None else chunk[region]


def written(path: Path, samples: int, chunk: int) -> None:
    """A noisy signal in a file."""
    noise = np.random.default_rng(0).standard_normal(chunk, np.float32)
    header = np.lib.format.open_memmap(path, "w+", "float32", (samples,))
    offset = header.offset
    del header
    with open(path, "r+b", buffering=0) as file:
        file.seek(offset)
        for _ in range(samples // chunk):
            file.write(noise.data)


def copied(source: Path, target: Path, chunk: int) -> None:
    """A file copied as a program does that reads and writes."""
    buffer = bytearray(4 * chunk)
    with open(source, "rb", buffering=0) as file, open(target, "wb", buffering=0) as out:
        while count := file.readinto(buffer):
            out.write(memoryview(buffer)[:count])
    target.unlink()


def memory_of(process: "subprocess.Popen[bytes]", peak: list[int]) -> None:
    """Note the most memory that a process has with its children, as long as it lives."""
    import psutil

    while process.poll() is None:
        try:
            root = psutil.Process(process.pid)
            tree = [root, *root.children(recursive=True)]
            peak[0] = max(peak[0], sum(one.memory_info().rss for one in tree))
        except psutil.Error:
            pass
        time.sleep(0.05)


def out_of_core(kernel: Kernel, folder: Path, samples: int, chunk: int, workers: int, rounds: int) -> None:
    """From file to file."""
    source, target = folder / "a.npy", folder / "b.npy"
    written(source, samples, chunk)
    piece = np.random.default_rng(0).standard_normal(chunk, np.float32)
    results = [np.empty_like(piece) for _ in range(workers)]
    peak = [0]

    def alone() -> None:
        def share(number: int) -> None:
            for _ in range(samples // chunk // workers):
                kernel(piece, out=results[number], lam=LAM)

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(share, range(workers)))

    def ours(source: Path) -> None:
        words = f"-m symtrans denoise {source} --with perona-malik --set lam={LAM} --blocks {BLOCKS} -o {target}"
        command = [sys.executable, *words.split(), "--chunks", str(chunk), "--workers", str(workers)]
        pipes: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, env=surroundings(), **pipes) as process:
            watch = threading.Thread(target=memory_of, args=(process, peak))
            watch.start()
            assert process.stderr is not None
            said = process.stderr.read().decode()
            watch.join()
        if process.returncode:
            raise SystemExit(said)
        target.unlink()

    few = folder / "few.npy"
    np.save(few, piece[:1000])
    spent: dict[str, list[float]] = {}

    def counted(name: str, action: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            before = os.times()
            action()
            spent.setdefault(name, []).append(sum(os.times()[:4]) - sum(before[:4]))

        return run

    rivals: dict[str, Callable[[], object]] = {
        "kernel in memory": alone,
        "copy of the file": lambda: copied(source, target, chunk),
        "symtrans denoise": lambda: ours(source),
        "start": lambda: ours(few),
        "statistics": lambda: [statistics_of(piece, signs=True) for _ in range(2 * samples // chunk)],
    }
    times = in_turn(rounds, *(counted(name, action) for name, action in rivals.items()), warm=False)
    for name, row in zip(rivals, times, strict=True):
        rate = f"{samples / median(row) / 1e6:.1f} million samples a second, " if name != "start" else ""
        print(f"{name}: {rate}{median(spent[name]):.1f} core seconds")
    chunks = (chunk,) * (samples // chunk)
    print(f"model: {plan([chunks], BLOCKS, 1).seconds:.1f} core seconds of the filter")
    slower = np.maximum(times[0], times[1])
    print(f"  throughput over the smaller rate: {median(slower / times[2]):.2f}; goal {THROUGHPUT}")
    print(f"  peak memory: {peak[0] / 2**30:.2f} GiB; goal {MEMORY / 2**30} GiB")


def number(text: str) -> int:
    """A whole number, or a power as in 2^28."""
    base, _, exponent = text.partition("^")
    return int(base) ** int(exponent or 1)


def main() -> int:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--samples", type=number, default=2**28, help="of the array in a file; 0 leaves that part out")
    options.add_argument("--chunk", type=number, default=2**22, help="samples of a chunk of it")
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()), help="on the disk that is meant")
    given = options.parse_args()
    if given.samples % (given.chunk * given.workers):
        options.error("--samples must be a multiple of --chunk times --workers")
    kernel = network().compile("c", "float32")
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}", flush=True)
    in_memory(kernel, 3 * given.rounds)
    call = f"from benchmarks.scale import of_workers; of_workers({3 * given.rounds}, {given.workers})"
    print(fresh("-c", call), end="", flush=True)
    if given.samples:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            out_of_core(kernel, Path(folder), given.samples, given.chunk, given.workers, given.rounds)
    return 0
