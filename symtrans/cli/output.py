"""What commands write: text and JSON on stdout, notices wherever they do not disturb."""

import json
import sys
from typing import Any

import numpy as np
import typer


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
    return None if isinstance(data, float) and not np.isfinite(data) else data


def notice(message: str, quiet: bool) -> None:
    """Print a remark; on stderr where stdout carries data."""
    print(message, file=sys.stderr if quiet else sys.stdout)
