"""Which languages can a network be generated in? Each folder is one; `TARGETS` lists them by name."""

from collections.abc import Mapping
from types import MappingProxyType

from symtrans.codegen.targets.c import C
from symtrans.codegen.targets.numpy import NUMPY
from symtrans.codegen.targets.target import Target
from symtrans.errors import NonlinearityError

TARGETS: Mapping[str, Target] = MappingProxyType({target.name: target for target in (C, NUMPY)})


def target_of(name: str) -> Target:
    """The target of this name; the error lists those that there are."""
    if name not in TARGETS:
        raise NonlinearityError(f"target = {name!r} is none of {', '.join(TARGETS)}")
    return TARGETS[name]
