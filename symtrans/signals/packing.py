"""Numbers that a file holds packed as netCDF does: scaled, unsigned, with a value for what is missing."""

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

_SCALE, _OFFSET, _UNSIGNED = "scale_factor", "add_offset", "_Unsigned"
_MISSING = ("_FillValue", "missing_value")
_RANGE = ("valid_range", "valid_min", "valid_max")
PACKING = (_SCALE, _OFFSET, _UNSIGNED, *_MISSING, *_RANGE)


def unpacked(stored: np.ndarray, attributes: Mapping[str, Any]) -> tuple[np.ndarray, str]:
    """The numbers that are meant by those stored, NaN where one is missing, and what is to be said of it.

    Missing is what equals `_FillValue` or `missing_value`, or lies outside of `valid_range`; the rest is
    `scale_factor` times what is stored, plus `add_offset` (CF conventions 1.11, sections 2.5.1 and 8.1).

    Examples
    --------
    >>> packed = np.array([100, -1], np.int16)
    >>> samples, words = unpacked(packed, {"scale_factor": 0.5, "_FillValue": np.int16(-1)})
    >>> samples, words
    (array([50., nan]), 'scale_factor 0.5, _FillValue -1')

    Raises
    ------
    ValueError
        If an attribute is no number.
    """
    used = {key: attributes[key] for key in PACKING if key in attributes}
    if not used:
        return stored, ""
    if str(_plain(used.get(_UNSIGNED, "false"))).lower() == "true" and stored.dtype.kind == "i":
        stored = stored.view(f"u{stored.dtype.itemsize}")
    given = {key: _numbers(key, value, stored.dtype) for key, value in used.items() if key != _UNSIGNED}
    low = given.get("valid_min", given.get("valid_range", [-np.inf])[:1])
    high = given.get("valid_max", given.get("valid_range", [np.inf])[-1:])
    missing = (stored < low[0]) | (stored > high[0])
    for key in _MISSING:
        missing |= np.isin(stored, given.get(key, []))
    samples = stored * given.get(_SCALE, [1.0])[0] + given.get(_OFFSET, [0.0])[0]
    words = ", ".join(f"{key} {' to '.join(f'{one:g}' for one in value)}" for key, value in given.items())
    return np.where(missing, np.nan, samples), words or _UNSIGNED


def _plain(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _numbers(key: str, value: Any, dtype: "np.dtype[Any]") -> np.ndarray:
    value = _plain(value)
    try:
        if isinstance(value, str):  # as xarray writes them into Zarr
            value = np.frombuffer(base64.b64decode(value, validate=True), dtype.newbyteorder("<"))
        found = np.atleast_1d(np.asarray(value))
        if key in (*_MISSING, *_RANGE) and dtype.kind == "u" and found.dtype.kind == "i":
            found = found.astype(dtype)  # -1 is 255 of unsigned bytes
        if found.size == 0 or found.dtype.kind not in "fiu":
            raise ValueError
    except ValueError:
        raise ValueError(f"its attribute {key} = {value!r} is no number") from None
    return found
