"""What `denoise` does with arrays larger than memory: from file to file, in chunks."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from symtrans.cli.output import working
from symtrans.errors import NonlinearityError

if TYPE_CHECKING:
    from symtrans.codegen.network import Network
    from symtrans.schemes.grid import Grid

ChunksOption = Annotated[
    str | None,
    typer.Option(
        "--chunks", help="Filter in chunks of so many samples along the last axis, or the last axes: 16,65536."
    ),
]
WorkersOption = Annotated[int | None, typer.Option("--workers", help="Filter chunks in so many threads.", min=1)]
SchedulerOption = Annotated[
    str | None, typer.Option("--scheduler", help="Filter chunks on a running cluster of Dask: tcp://...")
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with a run in chunks that was ended.")]


@dataclass(frozen=True)
class InChunks:
    """What was said of chunks, as it was typed."""

    chunks: str | None
    workers: int | None
    scheduler: str | None
    resume: bool

    def is_asked(self, source: str) -> bool:
        """Whether a file is filtered in chunks: it is stored so, or that was said."""
        from symtrans.signals.recordings import is_recording

        return is_recording(source) or self != InChunks(None, None, None, False)

    @property
    def sizes(self) -> tuple[int, ...]:
        """The samples of a chunk along the last axes."""
        try:
            return tuple(map(int, self.chunks.split(","))) if self.chunks else ()
        except ValueError:
            raise NonlinearityError(f"--chunks {self.chunks} is no whole number, nor several with commas") from None


def denoise_in_chunks(
    source: str,
    output: str | None,
    how: InChunks,
    *,
    grid_of: "Callable[[tuple[int, ...]], Grid]",
    network_on: "Callable[[Grid], Network]",
    values_of: Callable[["Network"], dict[str, float]],
    target: str | None,
    dtype: str | None,
    is_image: bool,
    refused: dict[str, Any],
) -> tuple["Network", dict[str, Any], str]:
    """Filter an array in a file into another; the network, what is to be reported, and what was read."""
    from symtrans.signals.chunk_workers import Workers
    from symtrans.signals.recordings import filter_recording, unfinished
    from symtrans.signals.stores import opened

    for option, value in refused.items():
        if value:
            raise NonlinearityError(
                f"{option} needs the whole signal in memory; leave it out, or --chunks and the like"
            )
    if output is None or output == "-":
        opened(source)  # what is no array there says so
        raise NonlinearityError(f"{source} is filtered from file to file, in chunks: name one with --output")
    store = opened(source)
    network = network_on(grid_of(store.shape))
    started = time.perf_counter()
    try:
        name, report = filter_recording(
            store,
            output,
            network,
            values_of(network),
            target=target,
            dtype=dtype,
            chunks=how.sizes,
            workers=Workers(how.workers, how.scheduler),
            resume=how.resume,
            is_image=is_image,
            progress=lambda count: working("filtering chunks", count),
        )
    except KeyboardInterrupt:
        if (aside := unfinished(output)).exists():
            print(f"interrupted: finished chunks stay in {aside}; --resume goes on with them", file=sys.stderr)
        raise
    report = {"input": report["input"], name: report["output"]}
    report[name]["milliseconds"] = 1000 * (time.perf_counter() - started)
    scaled = ", scaled to 0 ... 1" if is_image and store.dtype.kind == "u" else ""
    return network, report, f"{source}: shape {store.shape}, {store.dtype}{scaled}"
