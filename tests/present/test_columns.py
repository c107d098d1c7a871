"""Tables of text fit the width that there is."""

import itertools

import pytest

from symtrans.catalogue.reading import read
from symtrans.present.columns import laid_out
from symtrans.present.text import aligned, certificates_rows

HARD = ("weickert-8", "sure-let-pair", "power")


def shown(rows, width):
    """The lines of a table laid out, and its notes."""
    parts, gap, notes = laid_out(rows, width)
    return [line for part in parts for line in aligned(part, gap).splitlines()], notes


@pytest.mark.parametrize("width", [60, 80, 200])
def test_certificates_fit_and_lose_nothing(width):
    rows = certificates_rows([read(name) for name in HARD])
    lines, notes = shown(rows, width)
    assert max(map(len, [*lines, *notes])) <= width
    said = "".join("".join([*lines, *notes]).split())
    assert all("".join(cell.split()) in said for row in rows for cell in row)
    marks = [f"({k})" for k in range(1, 99) if any(f"({k})" in line for line in lines)]
    assert marks
    assert [note.split()[0] for note in notes if note.startswith("(")] == marks


def test_a_table_that_fits_is_one():
    rows = certificates_rows([read("weickert-8")])
    lines, notes = shown(rows, 80)
    assert (len(lines), notes) == (2, [])
    assert lines[1].split() == ["weickert-8", "1", "2.33489...", "-2.33489...", "1/2", "1/4", "0", "2", "proved"]
    assert len(shown(rows, 60)[0]) == 4


def test_no_part_is_wider_than_it_may_be():
    for count, long, width in itertools.product((1, 4, 9), (3, 13, 90), (60, 77)):
        rows = [
            ["name", *(f"head {k}" for k in range(count))],
            ["a" * 28, *["b" * (long - k % 3) for k in range(count)]],
        ]
        lines, notes = shown(rows, width)
        assert max(map(len, [*lines, *notes])) <= width
        assert sum(line.count("head") for line in lines) == count
