"""The C target: C11 on vectors, compiled when it is to run."""

from collections.abc import Mapping
from typing import Any

from symtrans.codegen.common import in_powers_of_two
from symtrans.codegen.targets.c.emit import TEMPLATES, emit
from symtrans.codegen.targets.c.load import load
from symtrans.codegen.targets.target import Option, Rewriting, Target

_MOST_THREADS = 1024


def _rewritings(options: Mapping[str, Any]) -> tuple[Rewriting, ...]:
    """The inlined 2^x is faster than exp(x)."""
    return (in_powers_of_two,) if options["accuracy"] == "fast" else ()


C = Target(
    "c",
    emit,
    load,
    options={
        "accuracy": Option(
            "fast", ("fast", "strict"), purpose="polynomials with proved bounds, or the functions of the C library"
        ),
        "threads": Option(1, range(1, _MOST_THREADS + 1), running=True),
    },
    templates=TEMPLATES,
    rewritings=_rewritings,
)
