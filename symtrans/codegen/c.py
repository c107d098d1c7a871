"""The C target: C11 source and header, callable from C++."""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symtrans.codegen.printers import CPrinter
from symtrans.codegen.scalar import SIGN, A
from symtrans.codegen.specification import Specification
from symtrans.errors import NonlinearityError
from symtrans.templating import render


class CTarget:
    """Emits ``name_f64.c`` and ``name_f64.h`` (or ``_f32``)."""

    name = "c"
    clamps = False

    def source(self, specification: Specification) -> Mapping[str, str]:
        """Header and source of one kernel."""
        if specification.clamp:
            raise NonlinearityError('the C target does not clamp; take clamp=False or target="numpy"')
        data = _data(specification)
        stem = specification.function
        return {f"{stem}.h": render("c/kernel.h", **data), f"{stem}.c": render("c/kernel.c", **data)}


def _data(spec: Specification) -> dict[str, Any]:
    printer = CPrinter(spec.dtype)
    code = spec.code
    return {
        "spec": spec,
        "real": "double" if spec.dtype == "float64" else "float",
        "fabs": printer.function("fabs"),
        "copysign": printer.function("copysign"),
        "one": printer.literal(sp.S.One),
        "zero": printer.literal(sp.S.Zero),
        "parameters": [name for name, _, _ in code.parameters],
        "constants": [(c.name, printer(c.expr)) for c in code.constants],
        "flux_arguments": code.flux_arguments(),
        "uses_modulus": code.uses(A) or any(b.bound for b in code.branches),
        "uses_sign": code.uses(SIGN),
        "branches": [
            {
                "condition": f"a {b.relation} {b.bound}" if b.bound else "",
                "temporaries": [(t.name, printer(t.expr)) for t in b.temporaries],
                "value": printer(b.value),
            }
            for b in code.branches
        ],
        "step": printer(code.step),
        "inverse_h": printer(code.inverse_h) if code.inverse_h is not None else "",
    }
