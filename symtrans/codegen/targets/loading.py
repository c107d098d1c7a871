"""Generated Python run as modules that were never files."""

import hashlib
import importlib
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from symtrans.errors import MissingPackageError


def namespace_of(files: Mapping[str, str]) -> dict[str, Any]:
    """The names of a generated module (our own text, made of whitelisted nodes only)."""
    (name, text), *_ = files.items()
    namespace: dict[str, Any] = {"__name__": name.removesuffix(".py")}
    exec(compile(text, f"<symtrans {name}>", "exec"), namespace)
    return namespace


def module_of(files: Mapping[str, str]) -> ModuleType:
    """A generated module that can be imported from now on, by a name of its own: tracers look functions up there."""
    (name, text), *_ = files.items()
    module = ModuleType(f"symtrans_{name.removesuffix('.py')}_{hashlib.sha256(text.encode()).hexdigest()[:16]}")
    exec(compile(text, f"<{module.__name__}>", "exec"), module.__dict__)
    return sys.modules.setdefault(module.__name__, module)


def library(name: str) -> Any:
    """The library that a target's files run in, which has its name."""
    try:
        return importlib.import_module(name)
    except ImportError:
        raise MissingPackageError(
            f"files of target {name!r} run in {name}, which is not installed: pip install {name}; source() needs none"
        ) from None
