"""Signals in text, read and written: titles and columns that are no signals come back as they were."""

import csv
import io
import re

import numpy as np

from symtrans.signals.cells import cells_of, decoded, numbers_in, short, with_points
from symtrans.signals.columns import (
    WITH_COMMAS,
    WITH_MARKS,
    axis_in_words,
    axis_of,
    clocks_of,
    decimal_of,
    delimiter_of,
    named,
    names_of,
    refuse_axis,
    refuse_clocks,
    refuse_decimal,
    refuse_delimiter,
    refuse_dressed,
    seen,
    start_of,
    with_blank_lines,
)
from symtrans.signals.signal import EXACT, Layout, Signal, Table, places_of, shape_in_words

_HEAD = 50  # lines, among which all titles are
_OPEN_QUOTE = re.compile(r'(?:^|[,;\t|])\s*"[^"]*$')  # 24" is a size
USUAL_DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": " ", ".dat": " "}


def read_text(data: bytes, suffix: str, layout: Layout) -> Signal:
    """The signals in a text; each column is one, or each row if there is only one or the layout says so."""
    text, encoding = decoded(data)
    text = re.sub("[\u2212\ufe63\uff0d]", "-", text)  # as typesetters have it
    every = re.split(r"\r*\n|\r", text)
    lines = [(k, line) for k, line in enumerate(every, 1) if re.search(r"[^\s,;|]", line)]
    first = next((k for k, (_, line) in enumerate(lines) if re.search(r"\d", line)), None)
    if first is None:
        if lines:
            raise ValueError(f"no line holds numbers; line {lines[0][0]} is {short(lines[0][1])}")
        return Signal(np.empty(0))
    like_data = [line for _, line in lines[-200:] if re.match(r"\s*[+-]?\d", line)]
    is_titled = any("," in line for _, line in lines[:_HEAD] if not re.match(r"\s*[+-]?\d", line))
    marked = WITH_MARKS if is_titled else re.compile(f"{WITH_MARKS.pattern}|{WITH_COMMAS.pattern}")
    if layout.delimiter is None and like_data and all(marked.fullmatch(line.strip()) for line in like_data):
        raise ValueError(
            f"lines such as {short(lines[-1][1].strip())} may be one number with marks of thousands or two columns; "
            "write it without marks, or say --delimiter"
        )
    for number, line in lines[:_HEAD]:
        if line.count('"') % 2 and _OPEN_QUOTE.search(line):
            raise ValueError(
                f"line {number} opens a quote and does not close it: {short(line)}; write cells in one line"
            )
    delimiter = delimiter_of([line for _, line in lines], layout)
    as_written = [(k, cells_of(line, delimiter)) for k, line in lines]
    if layout.delimiter is not None:
        refuse_delimiter(as_written, layout.delimiter)
    marks = {*layout.marks[1]}
    split = [(k, tuple("" if cell.lower() in marks else cell for cell in cells)) for k, cells in as_written]
    decimal = layout.decimal or decimal_of(split[-200:], delimiter)
    start, numeric = start_of(split, decimal)
    width = len(split[start][1])
    titles = tuple(every[: lines[start][0] - 1])
    rows = with_blank_lines(split[start:], width)
    names = names_of(titles, delimiter, width)
    wanted = places_of(layout.columns, names)
    places = {column: k for k, column in enumerate(numeric)}  # a row may have 100,000 columns
    worded = [column for column in wanted or range(width) if column not in places]
    refuse_dressed(rows, worded)
    if layout.delimiter is None and not layout.columns:
        refuse_delimiter(rows, None, worded)
    if layout.decimal is not None:
        refuse_decimal(rows, worded, layout.decimal)
    values = np.column_stack([numbers_in(rows, column, decimal) for column in numeric])
    along_rows = layout.axis == "row" or (len(rows) == 1 and layout.axis is None and not layout.columns)
    remarks = [seen(titles, delimiter, decimal, encoding)]
    axis, guessed, rate = None, False, 0.0
    is_beside = any(cells[column] for _, cells in rows for column in worded)  # and no empty end of each line
    if is_beside and not along_rows and not layout.columns and layout.axis is None:
        refuse_axis(values, numeric, names)
    if not along_rows:
        is_dated = any(rows[0][1][column][:1].isdigit() for column in range(numeric[0]))
        axis, guessed = axis_of(values, numeric, names, layout, is_dated)
        if axis in places:
            words, rate = axis_in_words(values[:, places[axis]], axis, names, guessed)
            remarks.append(words)
    for column in wanted:
        if column not in places:
            raise ValueError(f"{named(column, names)} holds no numbers")
    clocks = () if axis is None or not guessed else clocks_of(values, numeric, names)  # a second axis is no signal
    signals = wanted or [column for column in numeric if column != axis and column not in clocks]
    if not signals:
        raise ValueError("no column is left for the signal; name it with --column, or say --axis none")
    if not along_rows and not wanted and layout.axis is None:
        refuse_clocks(values, numeric, names, signals)
    samples = values[:, [places[column] for column in signals]]
    if np.abs(samples).max(initial=0) >= EXACT and any(
        row[column].lstrip("+-").isdecimal() and int(row[column]) != float(row[column])
        for _, row in rows
        for column in signals
    ):
        remarks.append("whole numbers beyond 2^53 are rounded to double precision")
    samples = samples if along_rows else samples.T
    where = "one a row" if along_rows else ", ".join(named(column, names) for column in signals)
    if len(where) > 200:
        where = "one a column"
    if not along_rows and len(rows) < len(signals) > 2:
        where += "; if each row is a signal, say --axis row"
    others = sorted({*range(width)} - {*signals, axis})
    if others:
        where += f"; kept as it is: {', '.join(named(column, names) for column in others)}"
    samples = samples[0] if len(samples) == 1 else samples
    kept = tuple(with_blank_lines(as_written[start:], width) if marks else rows)
    table = Table(suffix, encoding, delimiter, decimal, titles, kept, tuple(signals), along_rows)
    return Signal(samples, rate, table, (f"{shape_in_words(samples)}: {where}", *remarks))


def place_in_text(table: Table, index: tuple[int, ...]) -> str:
    """Where a sample stands, for people."""
    if table.along_rows:
        return f"line {table.rows[index[0] if len(index) > 1 else 0][0]}, column {table.signals[index[-1]] + 1}"
    return f"line {table.rows[index[-1]][0]}"


def write_text(signal: Signal, suffix: str) -> bytes:
    """The samples in columns; in text that was read as such, beside its titles and other columns.

    The delimiter, decimal sign and encoding of the input are kept where the suffix is.
    """
    table = signal.table
    buffer = io.StringIO()
    if table is None:
        columns = signal.samples.reshape(-1, signal.samples.shape[-1]).T
        np.savetxt(buffer, columns, "%.17g", USUAL_DELIMITERS[suffix])
        return buffer.getvalue().encode()
    same = suffix == table.suffix
    usual = "," if suffix == ".csv" else "\t"
    delimiter, decimal = ((table.delimiter or " "), table.decimal) if same else (usual, ".")
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\n")
    width = len(table.rows[0][1])
    for title in table.titles:
        cells = cells_of(title, table.delimiter)
        if same or len(cells) != width:
            buffer.write(title + "\n")
        else:
            writer.writerow(cells)
    values = np.atleast_2d(signal.samples).astype(str)  # the shortest text that is read back as the same number
    for (_, cells), row in zip(table.rows, (values if table.along_rows else values.T).tolist(), strict=True):
        written = list(cells if same else (with_points(cell, table.decimal) for cell in cells))
        for column, value in zip(table.signals, row, strict=True):
            if value != "nan":  # a gap stays as it was
                written[column] = value.replace(".", decimal)
        if any(written):
            writer.writerow(written)
        else:
            buffer.write("\n")
    return buffer.getvalue().encode(table.encoding if same else "utf-8")
