"""Characters and numbers in the cells of a text."""

import codecs
import csv
import math
import re
from collections.abc import Sequence

import numpy as np

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eEdD][+-]?\d+)?")
THOUSANDS = re.compile(r"[+-]?\d{1,3}([.,'’_\s]\d{3})+([.,]\d+)?")
GAPS = (
    *("", "nan", "-nan", "-nan(ind)", "#nan", "1.#qnan", "-1.#qnan", "1.#ind", "-1.#ind", "na", "n/a", "#n/a", "#na"),
    *("#n/a n/a", "#nv", "#null!", "<na>", "null", "nil", "none", "missing", "-", "--", "---", "–", "—", ".", "?"),
)

Row = tuple[int, tuple[str, ...]]
"""Number and cells of a line."""


def decoded(data: bytes) -> tuple[str, str]:
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
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding.startswith("utf"):
            raise
        raise ValueError(f"it is no text: it holds the byte {data[error.start]:#04x}") from None
    text = re.sub("[\u200b\u2060\ufeff]", "", text)  # of no width
    if strange := re.search(r"[\0-\x08\x0e-\x19\x1b-\x1f]", text):
        raise ValueError(f"it is no text: it holds the character {strange[0]!r}")
    return text.removesuffix("\x1a"), encoding


def cells_of(line: str, delimiter: str | None) -> tuple[str, ...]:
    """The cells of a line; quotes hold together what they enclose."""
    if '"' not in line:
        return tuple(map(str.strip, line.split(delimiter)))
    if delimiter is None:
        line, delimiter = " ".join(line.split()), " "
    try:
        return tuple(cell.strip() for cell in next(csv.reader([line], delimiter=delimiter, skipinitialspace=True)))
    except csv.Error as error:
        raise ValueError(f"{error}: {short(line)}") from None


def value_of(cell: str, decimal: str) -> float | None:
    """The number in a cell, NaN for a gap, infinity for its name or what overflows, None for other words."""
    if cell.lower() in GAPS:
        return math.nan
    if cell.lower().lstrip("+-") in ("inf", "infinity"):
        return math.inf
    if decimal == ",":
        cell = cell.replace(".", "?").replace(",", ".")
    return float(re.sub("[dD]", "e", cell)) if _NUMBER.fullmatch(cell) else None


def is_number(value: float | None) -> bool:
    """Whether the value of a cell is one, and no gap."""
    return value is not None and not math.isnan(value)


def numbers_in(rows: Sequence[Row], column: int, decimal: str) -> np.ndarray:
    """The numbers of a column; gaps are NaN."""
    joined = "\n".join(cells[column] for _, cells in rows)
    usual = r"[0-9eE+\-.\n]*" if decimal == "." else r"[0-9eE+\-,\n]*"
    if re.fullmatch(usual, joined):  # all at once, in a tenth of the time
        try:
            values = np.array(joined.replace(",", ".").split("\n")).astype(float)
        except ValueError:
            values = np.array([np.inf])
        if np.isfinite(values).all():
            return values
    return np.array([checked(row, column, decimal) for row in rows])


def checked(row: Row, column: int, decimal: str) -> float:
    """The number in a cell of a line; NaN for a gap, refused where it is neither."""
    number, cells = row
    value = value_of(cells[column], decimal)
    if value is None or math.isinf(value):
        other = "," if decimal == "." else "."
        remedy = f"; if it marks what is missing, say --missing {cells[column]!r}, else leave out the line"
        if value is not None or "," in cells[column] or re.match(r"[^#<>]*\d", cells[column]):  # (1.5) is no mark
            remedy = "; leave out the line, or what is missing empty"
        if THOUSANDS.fullmatch(cells[column]) and not re.fullmatch(r"[+-]?\d+,\d+", cells[column]):
            remedy = "; write it without marks of thousands"
        elif other in cells[column]:
            remedy = f"; if {other!r} is the decimal sign, say --decimal {other}"
        raise ValueError(f"line {number}, column {column + 1}: {short(cells[column])} is no finite number{remedy}")
    return value


def with_points(cell: str, decimal: str) -> str:
    """A number with a decimal point; other words as they are."""
    return cell.replace(",", ".") if decimal == "," and value_of(cell, ",") is not None else cell


def short(text: str) -> str:
    """A text within a message."""
    return repr(text if len(text) <= 40 else text[:37] + "...")
