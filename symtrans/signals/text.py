"""Signals in text: which lines are titles, what parts the columns, which of them are signals."""

import codecs
import csv
import io
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from symtrans.signals.signal import Layout, Signal, Table, counted, places_of, shape_in_words

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}([.,' ]\d{3})+([.,]\d+)?")
_WITH_MARKS = re.compile(r"[+-]?\d{1,3}(?:(\.\d{3})+,\d+|( \d{3})+([.,]\d+)?)")
_BRACKETED = re.compile(r"(?:[A-Za-z]*[\[({]+)[+-]?[\d.,]+|[+-]?[\d.,]+(?:[\])}]+)")
_TIMES = re.compile(r"(?:t|time|timestamp|zeit|temps|tiempo|index|sample|samples|frame)\b", re.IGNORECASE)
_GAPS = ("", "nan", "na", "n/a", "#n/a", "null", "none", "-")
_NAMED = {"tab": "\t", "\\t": "\t", "blank": None, "space": None, " ": None, "comma": ",", "semicolon": ";"}
_SECONDS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6}
USUAL_DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": " ", ".dat": " "}

Row = tuple[int, tuple[str, ...]]
"""Number and cells of a line."""


def read_text(data: bytes, suffix: str, layout: Layout) -> Signal:
    """The signals in a text; each column is one, or each row if there is only one or the layout says so."""
    text, encoding = _decoded(data)
    text = text.replace("\u2212", "-")  # as typesetters have it
    every = re.split(r"\r\n|\r|\n", text)
    lines = [(k, line) for k, line in enumerate(every, 1) if re.search(r"[^\s,;|]", line)]
    first = next((k for k, (_, line) in enumerate(lines) if re.search(r"\d", line)), None)
    if first is None:
        if lines:
            raise ValueError(f"no line holds numbers; line {lines[0][0]} is {_short(lines[0][1])}")
        return Signal(np.empty(0))
    if layout.delimiter is None and all(_WITH_MARKS.fullmatch(line.strip()) for _, line in lines[-200:]):
        raise ValueError(
            f"lines such as {_short(lines[-1][1].strip())} may be one number with marks of thousands or two columns; "
            "write it without marks, or say --delimiter"
        )
    delimiter = _delimiter([line for _, line in lines], layout)
    split = [(k, _cells(line, delimiter)) for k, line in lines]
    decimal = layout.decimal or _decimal(split[-200:])
    start, numeric = _start(split, decimal)
    width = len(split[start][1])
    for column, cell in enumerate(split[start][1]):
        if column not in numeric and _THOUSANDS.fullmatch(cell):
            raise ValueError(f"line {lines[start][0]}, column {column + 1}: write {cell!r} without marks of thousands")
        if column not in numeric and _BRACKETED.fullmatch(cell):
            raise ValueError(f"line {lines[start][0]}, column {column + 1}: write {cell!r} without brackets")
    titles = tuple(every[: lines[start][0] - 1])
    rows = _with_blank_lines(split[start:], width)
    values = np.column_stack([_numbers(rows, column, decimal) for column in numeric])
    names = _names(titles, delimiter, width)
    along_rows = layout.axis == "row" or (len(rows) == 1 and layout.axis is None and not layout.columns)
    remarks = [_seen(titles, delimiter, decimal, encoding)]
    axis, rate = None, 0.0
    if not along_rows:
        axis, guessed = _axis(values, numeric, names, layout)
        if axis in numeric:
            words, rate = _axis_in_words(values[:, numeric.index(axis)], axis, names, guessed)
            remarks.append(words)
    if layout.columns:
        signals = places_of(layout.columns, names)
        for column in signals:
            if column not in numeric:
                raise ValueError(f"{_named(column, names)} holds no numbers")
    else:
        signals = [column for column in numeric if column != axis]
    if not signals:
        raise ValueError("no column is left for the signal; name it with --column, or say --axis none")
    samples = values[:, [numeric.index(column) for column in signals]]
    samples = samples if along_rows else samples.T
    where = "one a row" if along_rows else ", ".join(_named(column, names) for column in signals)
    if len(where) > 200:
        where = "one a column"
    if not along_rows and len(rows) < len(signals) > 2:
        where += "; if each row is a signal, say --axis row"
    others = [column for column in range(width) if column not in (*signals, axis)]
    if others:
        where += f"; kept as it is: {', '.join(_named(column, names) for column in others)}"
    samples = samples[0] if len(samples) == 1 else samples
    table = Table(suffix, encoding, delimiter, decimal, titles, tuple(rows), tuple(signals), along_rows)
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
        cells = _cells(title, table.delimiter)
        if same or len(cells) != width:
            buffer.write(title + "\n")
        else:
            writer.writerow(cells)
    values = np.atleast_2d(signal.samples).astype(str)  # the shortest text that is read back as the same number
    for (_, cells), row in zip(table.rows, (values if table.along_rows else values.T).tolist(), strict=True):
        written = list(cells if same else (_with_points(cell, table.decimal) for cell in cells))
        for column, value in zip(table.signals, row, strict=True):
            if value != "nan":  # a gap stays as it was
                written[column] = value.replace(".", decimal)
        if any(written):
            writer.writerow(written)
        else:
            buffer.write("\n")
    return buffer.getvalue().encode(table.encoding if same else "utf-8")


# ---------------------------------------------------------------------------
# Characters and cells


def _decoded(data: bytes) -> tuple[str, str]:
    """Text and its encoding: told by its mark, by its zeros, or UTF-8, or else Latin-1 as Windows has it."""
    if data.startswith(codecs.BOM_UTF8):
        encoding = "utf-8-sig"
    elif data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):  # before UTF-16, whose mark begins like it
        encoding = "utf-32"
    elif data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    elif data[:200].count(0) > len(data[:200]) // 3:
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    else:
        encoding = "utf-8"
        try:
            data.decode()
        except UnicodeDecodeError:
            encoding = "cp1252"
    text = data.decode(encoding)
    if strange := re.search(r"[\0-\x08\x0e-\x19\x1b-\x1f]", text):
        raise ValueError(f"it is no text: it holds the character {strange[0]!r}")
    return text.removesuffix("\x1a"), encoding


def _cells(line: str, delimiter: str | None) -> tuple[str, ...]:
    if '"' not in line:
        return tuple(map(str.strip, line.split(delimiter)))
    if delimiter is None:
        line, delimiter = " ".join(line.split()), " "
    try:
        return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True)))
    except csv.Error as error:
        raise ValueError(f"{error}: {_short(line)}") from None


def _value(cell: str, decimal: str) -> float | None:
    """The number in a cell, NaN for a gap, infinity for its name or what overflows, None for other words."""
    if cell.lower() in _GAPS:
        return math.nan
    if cell.lower().lstrip("+-") in ("inf", "infinity"):
        return math.inf
    if decimal == ",":
        cell = cell.replace(".", "?").replace(",", ".")
    return float(re.sub("[dD]", "e", cell)) if _NUMBER.fullmatch(cell) else None


def _numbers(rows: Sequence[Row], column: int, decimal: str) -> np.ndarray:
    joined = "\n".join(cells[column] for _, cells in rows)
    usual = r"[0-9eE+\-.\n]*" if decimal == "." else r"[0-9eE+\-,\n]*"
    if re.fullmatch(usual, joined):  # all at once, in a tenth of the time
        try:
            values = np.array(joined.replace(",", ".").split("\n")).astype(float)
        except ValueError:
            values = np.array([np.inf])
        if np.isfinite(values).all():
            return values
    return np.array([_checked(row, column, decimal) for row in rows])


def _checked(row: Row, column: int, decimal: str) -> float:
    number, cells = row
    value = _value(cells[column], decimal)
    if value is None or math.isinf(value):
        other = "," if decimal == "." else "."
        remedy = "; leave out the line, or what is missing empty"
        if other in cells[column]:
            remedy = f"; if {other!r} is the decimal sign, say --decimal {other}"
        raise ValueError(f"line {number}, column {column + 1}: {_short(cells[column])} is no finite number{remedy}")
    return value


def _with_points(cell: str, decimal: str) -> str:
    return cell.replace(",", ".") if decimal == "," and _value(cell, ",") is not None else cell


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else text[:37] + "...")


# ---------------------------------------------------------------------------
# What is found out


def _late(items: Sequence[Row]) -> Sequence[Row]:
    """The later half, at most 200 of it: titles stand at the beginning."""
    return items[len(items) // 2 :][-200:]


def _delimiter(lines: Sequence[str], layout: Layout) -> str | None:
    if layout.delimiter is not None:
        delimiter = _NAMED.get(layout.delimiter.lower(), layout.delimiter)
        if delimiter is not None and (len(delimiter) != 1 or delimiter.isalnum() or delimiter in "\"'+-.\r\n"):
            raise ValueError(f"--delimiter {layout.delimiter} is not tab, blank or one character such as ';'")
        return delimiter
    lines = [*lines[:50], *lines[50:][-400:]]
    bare = [re.sub(r'"[^"]*"', "1", line).strip() for line in lines]  # commas within quotes part nothing
    like_data = re.compile(r"[+-]?[.,]?\d")
    tail = list(filter(like_data.match, bare))[-200:] or bare[-200:]
    widths = {len(line.split()) for line in tail}
    for delimiter in ";\t|":
        if delimiter == "\t" and len(widths) == 1 and not all("\t" in line for line in tail):
            continue  # some are parted by blanks
        if 2 * sum(delimiter in line for line in tail) > len(tail):
            return delimiter
    if layout.decimal == "," or not any("," in line for line in tail):
        return None
    if layout.decimal is None:
        words = [line.split() for line in tail]
        commas = [word for line in words for word in line if "," in word]
        if min(map(len, words)) > 1 and all(re.fullmatch(r"[+-]?\d*,\d+([eE][+-]?\d+)?", word) for word in commas):
            return None  # columns of decimal commas, parted by blanks
        if all(re.fullmatch(r"[+-]?\d+(,\d+)?", line) for line in tail):
            titles = [line.lstrip("#% ") for line in bare[:50] if not like_data.match(line)]
            return _one_or_two(tail, titles[-1] if titles else "")
    return ","


def _one_or_two(lines: Sequence[str], title: str) -> str | None:
    """Whether lines such as 12,3 are two columns parted by commas, or one of decimal commas (None)."""
    if "," in title:
        return ","
    if re.fullmatch(r"\S+(\s*[(\[].*[)\]])?", title) or any(re.match(r"-0,|[+-]?\d+,0\d", line) for line in lines):
        return None  # there is one title, or numbers such as -0 and 07, which no whole number is written as
    heads = [int(line.partition(",")[0]) for line in lines]
    if len(lines) > 9 and all("," in line for line in lines) and heads == list(range(heads[0], heads[0] + len(heads))):
        return ","  # the lines are counted
    raise ValueError(
        f"lines such as {lines[0]!r} may be two columns or one number with a decimal comma; "
        "say --delimiter , or --decimal ,"
    )


def _decimal(rows: Iterable[Row]) -> str:
    cells = [cell for _, row in rows for cell in row]
    commas = [cell for cell in cells if "," in cell and _value(cell, ",") is not None]
    points = [cell for cell in cells if "." in cell and _value(cell, ".") is not None]
    if commas and points:
        raise ValueError(f"it holds both {commas[0]!r} and {points[0]!r}; say --decimal . or --decimal ,")
    return "," if commas else "."


def _start(rows: Sequence[Row], decimal: str) -> tuple[int, list[int]]:
    """The first row of samples, and the columns that hold numbers."""
    late = _late(rows)
    late = [row for row in late if not row[1][0].startswith(("#", "%", "//"))] or late
    width = Counter(len(cells) for _, cells in late).most_common(1)[0][0]
    shown = [[_value(cell, decimal) for cell in cells] for _, cells in late if len(cells) == width]
    numeric = []
    for column in range(width):
        values = [row[column] for row in shown]
        numbers = sum(value is not None and not math.isnan(value) for value in values)
        if numbers and numbers >= sum(value is None for value in values):
            numeric.append(column)
    for start, (_, cells) in enumerate(rows):
        fits = numeric and len(cells) == width and any(cells)
        if fits and all(_value(cells[column], decimal) is not None for column in numeric):
            return start, numeric
    number, cells = rows[-1]
    raise ValueError(
        f"no line holds only numbers in the columns of samples; line {number} is {_short(' '.join(cells))}; "
        "write numbers without units, and say by --delimiter what parts them"
    )


def _with_blank_lines(rows: Sequence[Row], width: int) -> list[Row]:
    """The rows, each of the same width; blank lines among them are rows of empty cells."""
    found: list[Row] = []
    for number, cells in rows:
        if len(cells) != width:
            first = rows[0][0]
            raise ValueError(f"line {number} has {counted(len(cells), 'cell')}, where line {first} has {width}")
        while found and found[-1][0] + 1 < number:
            found.append((found[-1][0] + 1, ("",) * width))
        found.append((number, cells))
    return found


def _names(titles: Sequence[str], delimiter: str | None, width: int) -> list[str]:
    for title in filter(str.strip, reversed(titles)):
        cells = _cells(title.lstrip("#% "), delimiter)
        if len(cells) == width:
            return list(cells)
    return [""] * width


def _axis(values: np.ndarray, numeric: list[int], names: list[str], layout: Layout) -> tuple[int | None, bool]:
    """The column of time or index, if there is one, and whether that was guessed."""
    if layout.axis == "none":
        return None, False
    if layout.axis is not None:
        return places_of([layout.axis], names)[0], False
    if len(numeric) < 2 or len(values) < 3 or (layout.columns and numeric[0] in places_of(layout.columns, names)):
        return None, False
    titled = [column for column in numeric[1:] if _TIMES.match(names[column]) and not layout.columns]
    for column in (numeric[0], *titled):
        steps = np.diff(values[:, numeric.index(column)])
        if (steps > 0).all() or (steps < 0).all():
            return column, True
    return None, True


def _axis_in_words(places: np.ndarray, axis: int, names: list[str], guessed: bool) -> tuple[str, float]:
    """What is said of the axis, and the rate where its unit is one of time."""
    unit = re.search(r"[(\[]\s*([^)\]]+?)\s*[)\]]\s*$|/\s*(\w+)\s*$", names[axis])
    name = (unit[1] or unit[2]) if unit else ""
    words = (
        f"{_named(axis, names)} is the axis{', as it is monotone (--axis none: a signal as well)' if guessed else ''}"
    )
    steps = np.diff(places)
    if steps.size == 0 or not np.isfinite(steps).all():
        return words, 0
    step = (places[-1] - places[0]) / steps.size
    words += f"; it goes from {places[0]:.6g} to {places[-1]:.6g} by {step:.6g}"
    if np.abs(steps - step).max() > 1e-2 * abs(step):
        return f"{words} on average, unevenly; the filter takes all samples as equally far apart", 0
    rate = 1 / abs(step * _SECONDS[name]) if name in _SECONDS and step else 0.0
    return f"{words} {name}".rstrip(), rate


def _named(column: int, names: Sequence[str]) -> str:
    return f"column {column + 1} {names[column]}".rstrip()


def _seen(titles: Sequence[str], delimiter: str | None, decimal: str, encoding: str) -> str:
    parted = {None: "blanks", "\t": "tabs"}.get(delimiter, repr(delimiter))
    titles = list(filter(str.strip, titles))
    words = f"columns parted by {parted}, decimal sign {decimal!r}, {counted(len(titles), 'line')} of titles"
    if titles:
        words += f" (the last is {_short(titles[-1])})"
    return words if encoding.startswith("utf-8") else f"{words}, encoding {encoding}"
