"""A signal as it was read: its samples, how they stood in their file, and what is said of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

EXACT = 2**53
"""Not all whole numbers beyond are doubles."""


@dataclass(frozen=True)
class Layout:
    """What the user says of a file; what is empty or None is found out, and said.

    Attributes
    ----------
    columns : tuple of str
        Number (from 1) or title of each column that is a signal; of a file of named arrays or channels, their names.
    axis : str or None
        Of text, the column of time or index, by number or title; "none" if there is none; "row" if time runs
        along the rows. Of arrays, the number (from 0) of the axis of time.
    delimiter : str or None
        What parts the columns: a character, "tab" or "blank".
    decimal : {".", ",", None}
    gaps : {"fill", "split", None}
        Samples that are missing are filled in between their neighbours, or cut the signal into parts that are
        filtered each by itself; None refuses them.
    missing : str or None
        Numbers and words with commas that mark such samples, or "none"; None asks about what looks like one.
    """

    columns: tuple[str, ...] = ()
    axis: str | None = None
    delimiter: str | None = None
    decimal: str | None = None
    gaps: str | None = None
    missing: str | None = None

    @property
    def marks(self) -> tuple[tuple[float, ...], tuple[str, ...]]:
        """The numbers and the words that mark such samples."""
        numbers, words = [], []
        for mark in [] if self.missing in (None, "", "none") else self.missing.split(","):
            try:
                numbers.append(float(mark))
            except ValueError:
                words.append(mark.strip().lower())
        return tuple(numbers), tuple(words)


@dataclass(frozen=True)
class Table:
    """Text as it was read, so that what is no signal can be written back.

    Attributes
    ----------
    suffix, encoding, decimal : str
    delimiter : str or None
        None for blanks.
    titles : tuple of str
        Lines before the samples.
    rows : tuple of (int, tuple of str)
        Number and cells of each line of samples.
    signals : tuple of int
        The columns that hold signals.
    along_rows : bool
        Whether time runs along the rows.
    """

    suffix: str
    encoding: str
    delimiter: str | None
    decimal: str
    titles: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    signals: tuple[int, ...]
    along_rows: bool


@dataclass(frozen=True)
class Signal:
    """Samples and how they were stored.

    Attributes
    ----------
    samples : ndarray, shape (..., N)
        float64; the last axis is time.
    rate : float
        Samples per second, 0 if that is not known.
    table : Table or None
        Where the samples stood, if that was text.
    remarks : tuple of str
        What was read, and what was found out in doing so.
    """

    samples: np.ndarray
    rate: float = 0
    table: Table | None = None
    remarks: tuple[str, ...] = ()


def shape_in_words(samples: np.ndarray) -> str:
    """How many signals of how many samples.

    Examples
    --------
    >>> shape_in_words(np.zeros((2, 5)))
    '2 signals of 5 samples'
    """
    count, length = prod(samples.shape[:-1]), samples.shape[-1]
    return f"{counted(count, 'signal')} of {counted(length, 'sample')}"


def counted(count: int, noun: str) -> str:
    """A number of things."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def places_of(wanted: Sequence[str], names: Sequence[str], what: str = "column") -> list[int]:
    """Where the wanted ones stand, each given by its name or its number from 1."""
    found = []
    for word in wanted:
        if list(names).count(word) > 1:
            places = ", ".join(str(k) for k, name in enumerate(names, 1) if name == word)
            raise ValueError(f"{what}s {places} are all called {word!r}; give the number of one")
        if word in names:
            found.append(list(names).index(word))
        elif word.isdecimal() and 1 <= int(word) <= len(names):
            found.append(int(word) - 1)
        else:
            listed = ", ".join(f"{k} {name}".rstrip() for k, name in enumerate(names, 1))
            raise ValueError(f"there is no {what} {word!r}; there are: {listed}")
    return list(dict.fromkeys(found))
