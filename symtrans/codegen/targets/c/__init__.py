"""The C target: C11 on vectors, compiled when it is to run."""

from collections.abc import Mapping
from functools import partial
from typing import Any

from symtrans.codegen.floating_point.held_roots import with_held_roots
from symtrans.codegen.program.lowering import Dialect
from symtrans.codegen.program.passes import fused, inlined
from symtrans.codegen.program.shared_parts import in_powers_of_two
from symtrans.codegen.targets.c.emit import TEMPLATES, emit
from symtrans.codegen.targets.c.load import load
from symtrans.codegen.targets.target import Option, Target

_MOST_THREADS = 1024


INLINED = frozenset(
    {"exp", "exp2_negative", "expm1_negative", "log", "log1p", "tanh", "erf", "atan", "rsqrt", "rsqrt_held"}
)


def _dialect(dtype: str, options: Mapping[str, Any]) -> Dialect:
    """Fused products; and, if they may be inlined, 2^x, which is faster than exp(x), and 1/sqrt(x)."""
    if options["accuracy"] == "strict":
        return Dialect(passes=(fused,), tables=True)
    roots = "all" if dtype == "float64" else "normal"
    passes = (fused, with_held_roots, partial(inlined, functions=INLINED))
    return Dialect((in_powers_of_two,), roots, passes=passes, tables=True)


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
    dialect=_dialect,
    covers=lambda scheme, grid: scheme != "implicit",
)
