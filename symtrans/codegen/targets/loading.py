"""Generated Python run as modules that were never files."""

import importlib
from collections.abc import Mapping
from typing import Any

from symtrans.errors import NonlinearityError


def namespace_of(files: Mapping[str, str]) -> dict[str, Any]:
    """The names of a generated module (our own text, made of whitelisted nodes only)."""
    (name, text), *_ = files.items()
    namespace: dict[str, Any] = {"__name__": name.removesuffix(".py")}
    exec(compile(text, f"<symtrans {name}>", "exec"), namespace)
    return namespace


def library(name: str) -> Any:
    """The library that a target's files run in, which has its name."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise NonlinearityError(
            f"files of target {name!r} run in {name}, which is not installed: pip install {name}; source() needs none"
        ) from None
