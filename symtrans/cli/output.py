"""What commands write: pictures for a terminal, plain text for a pipe, JSON for programs."""

import io
import json
import math
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from functools import wraps
from inspect import Parameter, signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from symtrans.errors import NonlinearityError
from symtrans.runtime.whole_files import write_whole

if TYPE_CHECKING:
    from symtrans.catalogue.family import Family


PATIENCE = 2.0
"""Seconds after which work that goes on shows a progress bar."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class PipeClosed(Exception):
    """The reader of our output has gone."""


def echo(text: str, nl: bool = True) -> None:
    """Print to stdout, at once."""
    try:
        typer.echo(text, nl=nl)
        sys.stdout.flush()
    except BrokenPipeError:
        raise PipeClosed from None


def echo_json(data: Any) -> None:
    """Print data as JSON."""
    echo(json.dumps(_finite(data), indent=2, ensure_ascii=False, allow_nan=False))


def _finite(data: Any) -> Any:
    """JSON has no NaN and no infinity: they become null."""
    if isinstance(data, dict):
        return {key: _finite(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_finite(value) for value in data]
    return None if isinstance(data, float) and not math.isfinite(data) else data


def notice(message: str, quiet: bool) -> None:
    """Print a remark; on stderr where stdout carries data."""
    print(message, file=sys.stderr if quiet else sys.stdout)


class _Page(io.StringIO):
    """Takes what is printed, in the place of a pipe or of a terminal."""

    encoding = "utf-8"
    terminal = False

    def isatty(self) -> bool:
        return self.terminal


def captured(do: Callable[[], None], terminal: bool = False) -> str:
    """What a command would print into a pipe, or to this terminal, as text."""
    page = _Page()
    page.terminal = terminal
    with redirect_stdout(page):
        do()
    return page.getvalue()


NO_TEXT = (
    *(".pdf", ".html", ".htm", ".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".ods", ".pptx"),
    *(".png", ".svg", ".eps", ".ps", ".jpg", ".csv", ".tsv"),
)
"""Suffixes of what no table or statement is written as."""
_ASKED_BY_SUFFIX = {".json": "as_json", ".tex": "as_latex"}


def to_a_file(command: Callable[..., None]) -> Callable[..., None]:
    """The same command with an option -o, for what it would print into a pipe."""
    own = signature(command)

    @wraps(command)
    def run(*, output: Path | None = None, **options: Any) -> None:
        if output is None:
            command(**options)
            return
        suffix = output.suffix.lower()
        asked = _ASKED_BY_SUFFIX.get(suffix)
        if suffix in NO_TEXT or (asked is not None and asked not in own.parameters):
            formats = [one for one, option in _ASKED_BY_SUFFIX.items() if option in own.parameters]
            raise NonlinearityError(
                f"{output}: this is written as text, in {', '.join(['.txt', *formats])}, not in {suffix}"
            )
        if asked is not None:
            options[asked] = True
        stop: typer.Exit | None = None

        def ask() -> None:
            nonlocal stop
            try:
                command(**options)
            except typer.Exit as asked:  # the answer is "no"; what was printed is written all the same
                stop = asked

        write(captured(ask), output)
        if stop is not None:
            raise stop

    option = Parameter("output", Parameter.KEYWORD_ONLY, default=None, annotation=OutputOption)
    run.__signature__ = own.replace(parameters=[*own.parameters.values(), option])  # type: ignore[attr-defined]
    run.__annotations__ = {**command.__annotations__, "output": OutputOption}
    return run


OutputOption = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write to this file instead of stdout, in UTF-8.")
]


def write(text: str, output: Path | None) -> None:
    """Print text, or write it to a file."""
    if output is None:
        echo(text, nl=False)
        return
    write_whole(output, text)
    echo(f"wrote {output}")


# ---------------------------------------------------------------------------
# At a terminal


def for_people() -> bool:
    """Whether stdout is a terminal that shows Unicode; pipes and files get plain text."""
    encoding = (sys.stdout.encoding or "").lower().replace("-", "")
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb" and encoding == "utf8"


def look() -> tuple[Any, ...]:
    """What decides how the same thing looks here; nothing for a pipe."""
    return (terminal_width(), *map(os.environ.get, ("NO_COLOR", "TERM", "COLORTERM"))) if for_people() else ()


def terminal_width() -> int:
    """Columns of the terminal; 80 where there is none, unless COLUMNS says otherwise."""
    from rich.console import Console

    return Console().width


def echo_rich(*parts: Any) -> None:
    """Print what rich renders: text with markup, tables; without colours where NO_COLOR is set."""
    from rich.console import Console

    # no_color alone would keep bold and dim, which are control characters too
    console = Console(highlight=False, color_system=None if os.environ.get("NO_COLOR") else "auto")
    with console.capture() as rendered:
        console.print(*parts)
    echo(rendered.get(), nl=False)


def echo_forms(family: "Family", plainly: bool = False) -> None:
    """Print the four forms: a terminal gets two-dimensional formulas unless told otherwise, a pipe one line each."""
    if plainly or not for_people():
        from symtrans.present.text import form_lines

        echo(form_lines(family))
    else:
        from symtrans.present.pretty import pretty_forms

        echo("\n" + pretty_forms(family, terminal_width()))


def echo_paragraph(text: str, style: str = "") -> None:
    """Print running text: a terminal breaks its lines between words, a pipe gets one line."""
    if for_people():
        from rich.text import Text

        echo_rich(Text(text, style))
    else:
        echo(text)


def echo_title(title: str) -> None:
    """Print a heading."""
    echo_paragraph(title, "bold")


_COLOURS = {"proved": "green", "enclosed": "yellow", "unknown": "red", "yes": "green", "no": "yellow", "missing": "red"}


def echo_table(rows: Iterable[Sequence[str]], header: bool = True, gap: int = 2) -> None:
    """Print rows in columns; the first row is the header, if there is one."""
    rows = list(rows)
    if not for_people():
        from symtrans.present.text import aligned

        echo(aligned(rows, gap))
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    box, space = (SIMPLE_HEAD, gap - 1) if header else (None, gap)  # a box has a blank between columns already
    table = Table(box=box, show_header=header, show_edge=False, pad_edge=False, padding=(0, space, 0, 0))
    titles, *body = rows if header else [[""] * len(rows[0]), *rows]
    for k, title in enumerate(titles):
        table.add_column(Text(title), overflow="fold", no_wrap=k == 0)
    for row in body:
        table.add_row(*(Text(cell, _COLOURS.get(cell, "")) for cell in row))
    echo_rich(table)


def echo_fitted(rows: Iterable[Sequence[str]], columns: int) -> None:
    """Print rows in so many columns of a terminal, the header first: cells that are long stand below the table."""
    from symtrans.present.columns import laid_out

    parts, gap, notes = laid_out(list(rows), columns)
    for k, part in enumerate(parts):
        if k:
            echo("")
        echo_table(part, gap=gap)
    if notes:
        echo("\n" + "\n".join(notes))


# ---------------------------------------------------------------------------
# Work that takes long


@contextmanager
def working(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr for work that goes on for more than two seconds; gives the step.

    It is shown only where stderr is a terminal, and is wiped when the work is done.

    Examples
    --------
    >>> with working("counting", total=2) as step:
    ...     step()
    ...     step()
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = [TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()]
    if total is not None:
        columns.insert(2, MofNCompleteColumn())
    console = Console(stderr=True, color_system=None if os.environ.get("NO_COLOR") else "auto")
    bar = Progress(*columns, console=console, transient=True)
    task = bar.add_task(what, total=total)
    late = threading.Timer(PATIENCE, bar.start)
    late.daemon = True
    late.start()
    try:
        yield lambda: bar.advance(task)
    finally:
        late.cancel()
        late.join()  # a bar that is just being started is there to be stopped
        bar.stop()


def one_by_one(items: Iterable[Item], what: str, do: Callable[[Item], Result]) -> list[Result]:
    """What `do` makes of each item, with a progress bar where that takes long."""
    items, results = list(items), []
    with working(what, len(items)) as step:
        for item in items:
            results.append(do(item))
            step()
    return results
