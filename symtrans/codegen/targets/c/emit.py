"""The C target's text: C11 source and header, callable from C++."""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symtrans.codegen.accuracy import FluxBound, flux_bound
from symtrans.codegen.approximations.formats import FORMATS
from symtrans.codegen.approximations.printing import functions
from symtrans.codegen.common import SIGN, A, R, Temporary, moves, sign_of
from symtrans.codegen.printers import CPrinter, VectorPrinter
from symtrans.codegen.scalar import AdjointCode, Branch
from symtrans.codegen.specification import Specification
from symtrans.runtime.templates import folder, render

TEMPLATES = folder("c")


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """Header and source of one kernel: ``name_f64.c`` and ``name_f64.h`` (or ``_f32``)."""
    data = _data(specification, gradients)
    stem = specification.function
    return {f"{stem}.{suffix}": render(f"kernel.{suffix}", TEMPLATES, **data) for suffix in ("h", "c")}


def _data(spec: Specification, gradients: bool) -> dict[str, Any]:
    accuracy = spec.options["accuracy"]
    scalar, vector = CPrinter("float64"), VectorPrinter(spec.dtype, accuracy)
    code = spec.code
    double = spec.dtype == "float64"
    branches = [_printed(branch, index, vector) for index, branch in enumerate(code.branches)]
    adjoint = _adjoint_data(spec, scalar, vector) if gradients else {}
    return {
        "spec": spec,
        "digest": spec.digest(TEMPLATES, gradients),
        "gradients": gradients,
        "real": "double" if double else "float",
        "size": 8 if double else 4,
        "bits": 64 if double else 32,
        "integer": "int64" if double else "int32",
        "wide": "pd" if double else "ps",
        "one": vector.literal(sp.S.One),
        "zero": vector.literal(sp.S.Zero),
        "parameters": [name for name, _, _ in code.parameters],
        "constants": [(c.name, scalar(c.expr)) for c in code.constants],
        "flux_arguments": code.flux_arguments(),
        "uses_modulus": code.uses(A) or any(b.bound for b in code.branches),
        "uses_sign": code.uses(SIGN),
        "clip": code.clip or "",
        "is_linear": len(code.branches) == 1 and code.branches[0].value == R and not spec.clamp,
        "functions": sorted(vector.called),
        "whole": _whole(flux_bound(code, spec.dtype, accuracy, spec.bounded), spec.dtype),
        "approximations": functions(sorted(vector.approximated), spec.dtype),
        "unsigned": "uint64" if double else "uint32",
        "stored": FORMATS[spec.dtype].stored,
        "branches": branches,
        "step": scalar(code.step),
        "inverse_h": scalar(code.inverse_h) if code.inverse_h is not None else "",
        **adjoint,
    }


def _whole(bound: FluxBound | None, dtype: str) -> str:
    """What is proved of the computed flux, in words."""
    if bound is None:
        return "no bound of its rounding errors is proved"
    apart = " but next to its jumps" if bound.apart_from_jumps else ""
    if bound.multiple == 0:
        return f"computed without any error{apart}"
    scale = "sup |Phi|" if bound.overall else "the largest |Phi| on [0, |r|]"
    eps = f"eps = 2^-{FORMATS[dtype].stored}"
    return f"error at most {bound.multiple:g} eps times {scale}, {eps} (proved, short of overflow and underflow{apart})"


def _adjoint_data(spec: Specification, scalar: CPrinter, vector: VectorPrinter) -> dict[str, Any]:
    """Slopes of an edge, and what is summed over edges for the gradients by parameters."""
    adjoint, code = spec.adjoint, spec.adjoint.code
    names = {symbol: name for name, _, symbol in code.parameters}
    by_flux = [f"by_{names[symbol]}" for symbol in adjoint.flux_by]
    through_step = any(expr != 0 for expr in adjoint.step_by)
    through_size = any(expr != 0 for expr in adjoint.inverse_h_by)
    return {
        "slope_constants": [(c.name, scalar(c.expr)) for c in code.constants],
        "slope_step": scalar(code.step),
        "slope_inverse_h": scalar(code.inverse_h) if code.inverse_h is not None else "",
        "slope_arguments": code.flux_arguments(),
        "slope_clip": code.clip or "",
        "slope_branches": [_printed(branch, index, vector) for index, branch in enumerate(code.branches)],
        "slope_outs": ["slope", *by_flux],
        "slopes_use_modulus": code.uses(A) or any(b.bound for b in code.branches),
        "slopes_use_sign": code.uses(SIGN),
        "slopes_are_cheap": all(_is_cheap(e) for branch in code.branches for e in branch.expressions),
        "sums": [*by_flux, *["sum_flux"] * through_step, *["sum_slope"] * through_size],
        "by_parameters": _gradients(adjoint),
    }


def _is_cheap(expr: sp.Expr) -> bool:
    """Whether a formula is made of sums and products alone."""
    moving = [e for e in expr.atoms(sp.Function, sp.Pow) if moves(e)]
    return all(isinstance(e, sp.Pow) and e.exp.is_Integer and e.exp > 0 for e in moving)


def _gradients(adjoint: AdjointCode) -> list[dict[str, Any]]:
    """For each parameter the terms of d/ds (tau/h) Phi(E u/h): through Phi itself, the step and the grid size."""
    double = CPrinter("float64")
    gradients: list[dict[str, Any]] = []
    for index, (name, _, symbol) in enumerate(adjoint.code.parameters):
        terms = [{"sum": f"by_{name}", "factor": "step"}] if symbol in adjoint.flux_by else []
        by_step, by_size = adjoint.step_by[index], adjoint.inverse_h_by[index]
        if by_step != 0:
            terms.append({"sum": "sum_flux", "factor": f"({double(by_step)})"})
        if by_size != 0:  # the difference is r times h
            terms.append({"sum": "sum_slope", "factor": f"step * h * ({double(by_size)})"})
        gradients.append({"index": index, "terms": terms})
    return gradients


def _printed(branch: Branch, index: int, printer: VectorPrinter) -> dict[str, Any]:
    """One branch as text; all are computed in one scope, so each has temporaries of its own."""
    rename = {t.symbol: Temporary(f"{t.name}_{index}", **sign_of(t.symbol)) for t in branch.temporaries if index}
    for t in branch.temporaries:
        printer.step(rename.get(t.symbol, t.symbol), t.expr.xreplace(rename))
    results = [printer.argument(value.xreplace(rename)) for value in branch.values]
    lines, arrays = printer.take()
    return {
        "condition": printer.comparison("a", branch.relation, branch.bound) if branch.bound else "",
        "lines": lines,
        "arrays": arrays,
        "results": results,
    }
