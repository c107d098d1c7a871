"""What is found out of a text: what parts its columns, where its samples begin, which column is time."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from symtrans.signals.cells import GAPS, THOUSANDS, Row, cells_of, checked, is_number, short, value_of
from symtrans.signals.signal import Layout, counted, places_of

WITH_MARKS = re.compile(r"[+-]?\d{1,3}(?:(\.\d{3})+,\d+|([^\S\t]\d{3})+([.,]\d+)?)")
WITH_COMMAS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+\.\d+")
_BRACKETED = re.compile(r"(?:[A-Za-z]*[\[({]+)[+-]?[\d.,]+|[+-]?[\d.,]+(?:[\])}]+)")
_COMMA_NUMBER = re.compile(r"[+-]?\d*,\d+([eE][+-]?\d+)?")
_PARTED = re.compile(r"\d *([;|\t]) *[+-]?[.,]?\d")
_COMMENTED = re.compile(r"[+-]?[\d.,]+(?:[eE][+-]?\d+)?[\s,;]*(?:#|//)")
_BLANK = re.compile(r"[+-]?[\d.,]+( +)[+-]?[\d.,]+")
_ONE_NUMBER = re.compile(r"-0,|[+-]?\d*,(0\d|\d\d+[eE]|0[eE][+-]?0*[1-9])")
_BLANK_IN = re.compile(r"\d +[-+.,\d]")
_NUMBER = re.compile(r"[+-]?[\d.,]+(?:[eEdD][+-]?\d+)?")
_WITH_UNIT = re.compile(r"([$€£]?) ?[+-]?[\d.,]*\d[.,]?(?:[eE][+-]?\d+)?\s*([^\W\d_][^\s\d]*|[%°$€£][^\s\d]*)?")
_TIMES = re.compile(r"(?:t|time|timestamp|zeit|temps|tiempo|index|sample|samples|frame)\b", re.IGNORECASE)
_CLOCKS = re.compile(r"(?:t|(?i:time|timestamp|zeit|temps|tiempo))\b")  # T is a temperature, and samples may be any
_NAMED = {"tab": "\t", "\\t": "\t", "blank": None, "space": None, " ": None, "comma": ",", "semicolon": ";"}
_SECONDS = {"s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6}


def _late(items: Sequence[Row]) -> Sequence[Row]:
    """The later half, at most 200 of it: titles stand at the beginning."""
    return items[len(items) // 2 :][-200:]


def _unquoted(match: "re.Match[str]") -> str:
    """What stands for a number or a word in quotes: commas within them part nothing."""
    return '"1"' if match[1] else '"x"'


def delimiter_of(lines: Sequence[str], layout: Layout) -> str | None:
    """What parts the columns; None for blanks, or where there is one column."""
    if layout.delimiter is not None:
        delimiter = _NAMED.get(layout.delimiter.lower(), layout.delimiter)
        if delimiter is not None and (len(delimiter) != 1 or delimiter.isalnum() or delimiter in "\"'+-.\r\n"):
            raise ValueError(f"--delimiter {layout.delimiter} is not tab, blank or one character such as ';'")
        return delimiter
    lines = [*lines[:50], *lines[50:][-400:]]
    bare = [re.sub(r'"([+-]?[.,]?\d)?[^"]*"', _unquoted, line).strip() for line in lines]
    like_data = re.compile(r'"?[+-]?[.,]?\d')
    tail = list(filter(like_data.match, bare))[-200:] or bare[-200:]
    widths = {len(line.split()) for line in tail}
    for delimiter in ";\t|":
        if delimiter == "\t" and len(widths) == 1 and (not all("\t" in line for line in tail) or _is_blank(tail)):
            continue  # some are parted by blanks, or by a comma and a tab
        if 2 * sum(delimiter in line for line in tail) > len(tail):
            return delimiter
    if any(mark in line for line in tail for mark in ('",', ',"')):
        return ","
    if layout.decimal == "," or not any("," in line for line in tail):
        return None
    if layout.decimal is None:
        words = [line.split() for line in tail]
        commas = [word for line in words for word in line if "," in word]
        if min(map(len, words)) > 1 and all(map(_COMMA_NUMBER.fullmatch, commas)):
            return None  # columns of decimal commas, parted by blanks
        if all(_COMMA_NUMBER.fullmatch(line) or line.lstrip("+-").isdecimal() for line in tail):
            titles = [line.lstrip("#% ") for line in bare[:50] if not like_data.match(line)]
            return _one_or_two(tail, titles[-1] if titles else "")
    return ","


def _is_blank(lines: Sequence[str]) -> bool:
    """Whether lines with tabs hold other signs between numbers, and no marks of thousands: 1.5<tab>2 3 and 1,<tab>2."""
    is_parted = all(",\t" in line for line in lines) or (
        any(map(_BLANK_IN.search, lines)) and all(_NUMBER.fullmatch(word) for line in lines for word in line.split())
    )
    return is_parted and not any(re.search(r"\d \d{3}(?!\d)|\d,\d[^\t]*,\t", line) for line in lines)


def refuse_delimiter(rows: Sequence[Row], asked: str | None, columns: Iterable[int] | None = None) -> None:
    """Refuse a delimiter that leaves another one between two numbers: 0,1;2,5 is no 0, no 1;2 and no 5."""
    for number, cells in _late(rows):
        for cell in cells if columns is None else (cells[column] for column in columns):
            if found := _PARTED.search(cell) or _BLANK.fullmatch(cell):
                sign = {"\t": "a tab"}.get(found[1], repr(found[1])) if found[1].strip(" ") else "a blank"
                left = "" if asked is None else f", which --delimiter {asked} leaves together"
                raise ValueError(
                    f"line {number}: {short(cell)} holds {sign} between two numbers{left}; say --delimiter with what "
                    f"parts the columns, or {'name the signals with --column' if asked is None else 'nothing'}"
                )


def _one_or_two(lines: Sequence[str], title: str) -> str | None:
    """Whether lines such as 12,3 and 1,5E+03 are two columns parted by commas, or one of decimal commas (None)."""
    if "," in title:
        return ","
    if re.fullmatch(r"\S+(\s*[(\[].*[)\]])?", title) or any(map(_ONE_NUMBER.match, lines)):
        return None  # there is one title, or parts such as -0, 07 and 25E3, which no number is written as
    heads = [line.partition(",")[0] for line in lines]
    counted_from = int(heads[0]) if heads[0].isdecimal() else 0
    if len(lines) > 9 and heads == [str(counted_from + k) for k in range(len(lines))] and all("," in s for s in lines):
        return ","  # the lines are counted
    raise ValueError(
        f"lines such as {lines[0]!r} may be two columns or one number with a decimal comma; "
        "say --delimiter , or --decimal ,"
    )


def decimal_of(rows: Iterable[Row], delimiter: str | None) -> str:
    """The decimal sign."""
    cells = [cell for _, row in rows for cell in row]
    commas = [cell for cell in cells if "," in cell and value_of(cell, ",") is not None]
    points = [cell for cell in cells if "." in cell and value_of(cell, ".") is not None]
    if commas and points:
        raise ValueError(f"it holds both {commas[0]!r} and {points[0]!r}; say --decimal . or --decimal ,")
    if commas and delimiter == "," and all(re.fullmatch(r"[+-]?[1-9]\d{0,2}(,\d{3})+", cell) for cell in commas):
        raise ValueError(
            f"numbers in quotes such as {commas[0]!r} may have a decimal comma or marks of thousands; say --decimal , "
            "or write them without marks"
        )
    return "," if commas else "."


def start_of(rows: Sequence[Row], decimal: str) -> tuple[int, list[int]]:
    """The first row of samples, and the columns that hold numbers."""
    late = _late(rows)
    late = [row for row in late if not row[1][0].startswith(("#", "%", "//"))] or late
    late = [row for row in late if any(is_number(value_of(cell, decimal)) for cell in row[1])] or late
    width = Counter(len(cells) for _, cells in late).most_common(1)[0][0]
    shown = [[value_of(cell, decimal) for cell in cells] for _, cells in late if len(cells) == width]
    numeric = []
    for column in range(width):
        values = [row[column] for row in shown]
        numbers = sum(map(is_number, values))
        if numbers and numbers >= sum(value is None for value in values):
            numeric.append(column)
    for start, (_, cells) in enumerate(rows):
        fits = numeric and len(cells) == width and any(cells) and not _is_head_of_index(rows[start:], numeric)
        if fits and all(value_of(cells[column], decimal) is not None for column in numeric):
            _refuse_damaged(rows[:start], cells, numeric, decimal)
            before = rows[start - 1][1]
            if 0 < start == len(rows) - 1 and all(is_number(value_of(one, decimal)) for one in before):
                with_blank_lines(rows[start - 1 :], len(before))  # one row in two lines
            return start, numeric
    refuse_dressed([row for row in late if len(row[1]) == width], range(width))
    number, cells = rows[-1]
    raise ValueError(
        f"no line holds only numbers in the columns of samples; line {number} is {short(' '.join(cells))}; "
        "write numbers without units, and say by --delimiter what parts them"
    )


def _is_head_of_index(rows: Sequence[Row], numeric: list[int]) -> bool:
    """Whether a row is of titles that are numbers, as pandas writes them: what the first column counts, it does not."""
    first, *others = (cells[0] for _, cells in rows)
    if len(others) < 2 or len(rows[0][1]) < 2 or first[:1].isdigit():
        return False
    return all(others) and (not first or (0 not in numeric and all(cell[0].isdigit() for cell in others)))


def _refuse_damaged(titles: Sequence[Row], first: Sequence[str], numeric: list[int], decimal: str) -> None:
    """Refuse a first line of samples that cannot be read and would pass for titles: it begins as the next one does."""
    if titles and _COMMENTED.match(last := " ".join(titles[-1][1])):
        raise ValueError(f"line {titles[-1][0]}: write the comment in {short(last)} into a line of its own")
    if not titles or len(titles[-1][1]) != len(first):
        return
    if len(first) == 1:
        # (1.5) and 1.5-, as accounts have what is negative, and <0.1
        bracketed, ended, signed = (
            r"[\[({]+[+-]?[\d.,]+[\])}]*",
            r"[+-]?\d+(?:[^\w\s:/-]\d+)?-?",
            r"[^\w\s#%'/]\d+(?:[.,]\d+)?",
        )
        if re.fullmatch(f"{bracketed}|{ended}|{signed}", titles[-1][1][0]):
            checked(titles[-1], 0, decimal)
        return
    before = titles[-1][1][0]
    if is_number(value_of(before, decimal)) if 0 in numeric else _alike(before) == _alike(first[0]):
        for column in numeric:
            checked(titles[-1], column, decimal)


def _alike(cell: str) -> str:
    """What two dates or two times have in common, and no title has."""
    return re.sub(r"\d", "0", cell) if cell[:1].isdigit() else f"{cell} is a word"


def refuse_dressed(rows: Sequence[Row], columns: Sequence[int]) -> None:
    """Refuse columns of words that are numbers in a dress: another column would be taken for the signal."""
    seen = [rows[0], *_late(rows)]
    for column in columns:
        for number, cells in seen:
            place, cell = f"line {number}, column {column + 1}: write {short(cells[column])} without", cells[column]
            if THOUSANDS.fullmatch(cell):
                raise ValueError(f"{place} marks of thousands")
            if _BRACKETED.fullmatch(cell):
                raise ValueError(f"{place} brackets")
        words = [cells[column] for _, cells in seen if cells[column].lower() not in GAPS]
        units = {match and match.groups("") for match in map(_WITH_UNIT.fullmatch, words)}
        if len(units) == 1 and any(units.pop() or ()):
            raise ValueError(f"column {column + 1}: write {short(words[0])} and all below without the unit")


def refuse_decimal(rows: Sequence[Row], columns: Iterable[int], asked: str) -> None:
    """Refuse a decimal sign that makes words of all numbers in a column."""
    other = "," if asked == "." else "."
    for column in columns:
        words = [cells[column] for _, cells in _late(rows) if cells[column].lower() not in GAPS]
        if words and all(is_number(value_of(word, other)) for word in words):
            raise ValueError(
                f"column {column + 1}: {short(words[0])} is a number where the decimal sign is {other!r}, and not with "
                f"--decimal {asked}; name the signals with --column if it is no signal"
            )


def with_blank_lines(rows: Sequence[Row], width: int) -> list[Row]:
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


def names_of(titles: Sequence[str], delimiter: str | None, width: int) -> list[str]:
    """The titles of the columns, from the last line of titles that has one for each.

    One more may be that of comments, which all are empty (LabVIEW); one less leaves out that of the names of rows (R).
    """
    for title in filter(str.strip, reversed(titles)):
        cells = list(cells_of(title.lstrip("#% "), delimiter))
        if len(cells) == width:
            return cells
        if len(cells) == width + 1 and delimiter is not None and cells[-1].lower().startswith("comment"):
            return cells[:-1]
        if len(cells) == width - 1 > 1 and title.count('"') == 2 * len(cells):
            return ["", *cells]
    return [""] * width


def axis_of(
    values: np.ndarray, numeric: list[int], names: list[str], layout: Layout, is_dated: bool = False
) -> tuple[int | None, bool]:
    """The column of time or index, if there is one, and whether that was guessed.

    Behind a column of dates the first one with numbers counts seconds if it is even, and else is a signal that rises.
    """
    if layout.axis == "none":
        return None, False
    if layout.axis is not None:
        return places_of([layout.axis], names)[0], False
    if len(numeric) < 2 or len(values) < 3 or (layout.columns and numeric[0] in places_of(layout.columns, names)):
        return None, False
    if _is_monotone(values[:, 0]) and not (is_dated and is_uneven(values[:, 0])):
        return numeric[0], True
    clocks = () if layout.columns else clocks_of(values, numeric, names)
    return next(iter(clocks), None), True


def is_uneven(places: np.ndarray) -> bool:
    """Whether the steps of an axis differ."""
    steps = np.diff(places)
    step = (places[-1] - places[0]) / steps.size
    return bool(np.abs(steps - step).max() > 1e-2 * abs(step))


def clocks_of(values: np.ndarray, numeric: list[int], names: list[str]) -> list[int]:
    """The columns that are called time or index, and never go back; of few digits they may stand still."""
    titled = ((k, column) for k, column in enumerate(numeric) if _TIMES.match(names[column]))
    return [column for k, column in titled if _is_monotone(values[:, k], strictly=False)]


def _is_monotone(values: np.ndarray, *, strictly: bool = True) -> bool:
    steps = np.diff(values)
    if not strictly and (steps != 0).any():
        return bool((steps >= 0).all() or (steps <= 0).all())
    return bool((steps > 0).all() or (steps < 0).all())


def refuse_axis(values: np.ndarray, numeric: list[int], names: list[str]) -> None:
    """Refuse for a signal the first column that ascends, as time does, where no other one holds numbers alone."""
    steps = np.diff(values[:, 0])
    if numeric == [0] and len(names) > 1 and steps.size and (steps > 0).all():
        raise ValueError(
            f"of {len(names)} columns only {named(0, names)} holds numbers, and it ascends, as time does; write "
            "numbers alone into the cells of the signal, or take this one with --column 1"
        )


def refuse_clocks(values: np.ndarray, numeric: list[int], names: list[str], signals: Sequence[int]) -> None:
    """Refuse for a signal, unless it was asked for, a column that is called time and is no axis."""
    for k, column in enumerate(numeric):
        if column in signals and len(numeric) > 1 and len(values) > 2 and _CLOCKS.match(names[column]):
            back = np.flatnonzero(np.diff(values[:, k]) < 0)
            how = "has gaps" if np.isnan(values[:, k]).any() else "never moves"
            how = f"goes back after {values[back[0], k]:.10g}" if back.size else how
            raise ValueError(
                f"{named(column, names)} is called as time is, and {how}; say --axis {column + 1} to keep it beside "
                "the signals, name these with --column, or say --axis none if it is one"
            )


def axis_in_words(places: np.ndarray, axis: int, names: list[str], guessed: bool) -> tuple[str, float]:
    """What is said of the axis, and the rate where its unit is one of time."""
    unit = re.search(r"[(\[]\s*([^)\]]+?)\s*[)\]]\s*$|/\s*(\w+)\s*$", names[axis])
    name = (unit[1] or unit[2]) if unit else ""
    words = (
        f"{named(axis, names)} is the axis{', as it is monotone (--axis none: a signal as well)' if guessed else ''}"
    )
    steps = np.diff(places)
    if steps.size == 0 or not np.isfinite(steps).all():
        return words, 0
    step = (places[-1] - places[0]) / steps.size
    words += f"; it goes from {places[0]:.10g} to {places[-1]:.10g} by {step:.6g}"
    if is_uneven(places):
        return f"{words} on average, unevenly; the filter takes all samples as equally far apart", 0
    rate = 1 / abs(step * _SECONDS[name]) if name in _SECONDS and step else 0.0
    return f"{words} {name}".rstrip(), rate


def named(column: int, names: Sequence[str]) -> str:
    """A column as it is called in messages."""
    return f"column {column + 1} {names[column]}".rstrip()


def seen(titles: Sequence[str], delimiter: str | None, decimal: str, encoding: str) -> str:
    """What is said of how a text is written."""
    parted = {None: "blanks", "\t": "tabs"}.get(delimiter, repr(delimiter))
    titles = list(filter(str.strip, titles))
    words = f"columns parted by {parted}, decimal sign {decimal!r}, {counted(len(titles), 'line')} of titles"
    if titles:
        words += f" (the last is {short(titles[-1])})"
    return words if encoding.startswith("utf-8") else f"{words}, encoding {encoding}"
