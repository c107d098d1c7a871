"""Samples that are missing: NaN, or marked by a number; filled, left as gaps, or asked about."""

import re
from dataclasses import replace

import numpy as np

from symtrans.errors import NonlinearityError
from symtrans.signals.signal import Layout, Signal, counted
from symtrans.signals.text import place_in_text

_USUAL_PLACES = 5  # so many places of gaps are listed
_FAR = 10  # times as large as all others is what marks a gap
_HUGE = 1e20  # and all that netCDF, GRIB and NASTRAN fill in
_NINES = re.compile(r"9+\.?9+|9{3,}(?:\.25)?")  # 999, 9999, 99.99, and 999.25 of well logs
_ENDS = frozenset((2**15 - 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31))  # of whole numbers in two bytes and in four


def with_gaps(signal: Signal, layout: Layout, name: str) -> Signal:
    """The signal with its gaps filled or left as NaN; refused where nothing is said of them."""

    def place(index: np.ndarray) -> str:
        where = tuple(map(int, index))
        return place_in_text(signal.table, where) if signal.table else f"index {where}"

    wild = np.argwhere(np.isinf(signal.samples))
    if wild.size:
        raise NonlinearityError(f"{name} holds a value that is not finite, first at {place(wild[0])}")
    signal = _unmarked(signal, layout, name)
    samples, gaps = signal.samples, layout.gaps
    missing = np.argwhere(np.isnan(samples))
    if not missing.size:
        return signal
    places = list(dict.fromkeys(map(place, missing)))
    listed = ", ".join(places[:_USUAL_PLACES]) + (", ..." if len(places) > _USUAL_PLACES else "")
    if gaps is None:
        raise NonlinearityError(
            f"{name} holds {counted(len(missing), 'value')} that {'is' if len(missing) == 1 else 'are'} missing or not "
            f"finite: {listed}; say --gaps fill to draw lines across, or --gaps split to filter the parts by themselves"
        )
    if np.isnan(samples).all(axis=-1).any():
        raise NonlinearityError(f"{name} holds a signal without any sample")
    if gaps == "split":
        return replace(signal, remarks=(*signal.remarks, f"{counted(len(missing), 'gap')} cut it: {listed}"))
    filled = samples.reshape(-1, samples.shape[-1]).copy()
    for row in filled:
        there = np.isfinite(row)
        row[~there] = np.interp(np.flatnonzero(~there), np.flatnonzero(there), row[there])
    words = f"{counted(len(missing), 'gap')} filled by lines across: {listed}"
    return replace(signal, samples=filled.reshape(samples.shape), remarks=(*signal.remarks, words))


def _unmarked(signal: Signal, layout: Layout, name: str) -> Signal:
    """The signal with NaN where a number stands that marks what is missing; asked about where it may be one."""
    marks, (numbers, others) = layout.missing, layout.marks
    if marks == "none":
        return signal
    if others and signal.table is None:  # of words, those in text are gaps already
        what = "is no number, nor several with commas, nor none"
        raise NonlinearityError(f"--missing {marks} {what}; words are marks in text only")
    is_marked = np.isin(signal.samples, numbers)
    if marked := int(is_marked.sum()):
        words = f"{counted(marked, 'sample')} of {marks} {'is' if marked == 1 else 'are'} missing"
        signal = replace(signal, samples=np.where(is_marked, np.nan, signal.samples), remarks=(*signal.remarks, words))
    if (mark := _mark_in(signal.samples)) is not None:
        also = ",".join([*([marks] if marks else []), f"{mark:.10g}"])
        raise NonlinearityError(
            f"{name} holds {counted(int((signal.samples == mark).sum()), 'sample')} of {mark:.10g}, far beyond all "
            f"others, as files mark what is missing: say --missing {also} if so, or --missing none"
        )
    return signal


def _mark_in(samples: np.ndarray) -> float | None:
    """A number that looks like the mark of a gap, if there is one."""
    numbers = samples[np.isfinite(samples)]
    if not numbers.size:
        return None
    largest = numbers[np.argmax(np.abs(numbers))]
    others = np.abs(numbers[numbers != largest])
    if not others.size or _FAR * others.max() >= abs(largest):
        return None
    looks_so = (
        abs(largest) >= _HUGE
        or abs(largest) in _ENDS
        or (_NINES.fullmatch(text := f"{abs(largest):.6g}") and text.count("9") > 2)
    )
    return float(largest) if looks_so else None
