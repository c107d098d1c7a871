"""The NumPy target: one module that imports NumPy and nothing else."""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symtrans.codegen.printers import NumpyPrinter
from symtrans.codegen.scalar import SIGN, A, R
from symtrans.codegen.specification import Specification
from symtrans.templating import render


class NumpyTarget:
    """Emits ``name_f64.py`` (or ``_f32``)."""

    name = "numpy"

    def source(self, specification: Specification) -> Mapping[str, str]:
        """The module of one kernel."""
        return {f"{specification.function}.py": render("numpy/kernel.py", **_data(specification))}


def _data(spec: Specification) -> dict[str, Any]:
    printer = NumpyPrinter(spec.dtype)
    code = spec.code
    body, result = _body(spec, printer)
    return {
        "spec": spec,
        "parameters": [name for name, _, _ in code.parameters],
        "constants": [(c.name, printer(c.expr)) for c in code.constants],
        "flux_arguments": code.flux_arguments(with_safe=len(code.branches) > 1),
        "uses_modulus": _clamp(spec) is None and (code.uses(A) or any(b.bound for b in code.branches)),
        "uses_sign": _clamp(spec) is None and code.uses(SIGN),
        "body": body,
        "result": result,
        "step": printer(code.step),
        "inverse_h": printer(code.inverse_h) if code.inverse_h is not None else "",
    }


def _body(spec: Specification, printer: NumpyPrinter) -> tuple[list[str], str]:
    """Statements of the flux function and its result: branches become nested selections.

    NumPy evaluates every branch everywhere, so a branch that could fail gets a
    harmless argument outside its own region.
    """
    bound = _clamp(spec)
    if bound is not None:
        return [], f"np.clip(r, -{bound}, {bound})"
    lines: list[str] = []
    chosen: list[tuple[str, str]] = []
    for index, branch in enumerate(spec.code.branches):
        mask = f"in_{index}"
        rename: dict[Any, Any] = {}
        if branch.bound is not None:
            lines.append(f"{mask} = a {branch.relation} {branch.bound}")
        elif branch.safe is not None and index:
            lines.append(f"{mask} = ~({' | '.join(m for m, _ in chosen)})")
        if branch.safe is not None and len(spec.code.branches) > 1:
            safe = printer(branch.safe)
            for symbol in (R, A):
                if any(symbol in e.free_symbols for e in branch.expressions):
                    name = f"{symbol.name}_{index}"
                    lines.append(f"{name} = np.where({mask}, {symbol.name}, DTYPE({safe}))")
                    rename[symbol] = type(symbol)(name, **symbol.assumptions0)
        for temporary in branch.temporaries:
            lines.append(f"{temporary.name}_{index} = {printer(temporary.expr.xreplace(rename))}")
            symbol = sp.Symbol(temporary.name)
            rename[symbol] = sp.Symbol(f"{temporary.name}_{index}")
        value = printer(branch.value.xreplace(rename))
        if branch.bound is not None:
            chosen.append((mask, value))
    result = value
    for mask, value in reversed(chosen):
        result = f"np.where({mask}, {value}, {result})"
    return lines, result


def _clamp(spec: Specification) -> str | None:
    """The bound b if the flux is r, cut off at -b and b: NumPy has one function for that."""
    branches = spec.code.branches
    if len(branches) != 2 or branches[1].value != R or branches[0].bound is None:
        return None
    bound = branches[0].bound
    beyond = branches[0].value
    is_clamp = branches[0].relation == ">" and not branches[0].temporaries and str(beyond) == f"{bound}*{SIGN}"
    return bound if is_clamp else None
