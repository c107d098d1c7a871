"""The C target's text: C11 source and header, callable from C++."""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symtrans.codegen.accuracy import FluxBound, flux_bound
from symtrans.codegen.approximations.formats import FORMATS
from symtrans.codegen.approximations.printing import functions
from symtrans.codegen.program import Operation, Program
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.c.text import CText, VectorText
from symtrans.codegen.targets.gradients import Derivatives, derivatives
from symtrans.runtime.templates import folder, render

TEMPLATES = folder("c")


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """Header and source of one kernel: ``name_f64.c`` and ``name_f64.h`` (or ``_f32``)."""
    data = _data(specification, gradients)
    stem = specification.function
    return {f"{stem}.{suffix}": render(f"kernel.{suffix}", TEMPLATES, **data) for suffix in ("h", "c")}


def _data(spec: Specification, gradients: bool) -> dict[str, Any]:
    scalar, vector = CText("float64"), VectorText(spec.dtype)
    program = spec.program
    double = spec.dtype == "float64"
    constants = scalar.lines(program.constants)
    branches = vector.branches(program)
    adjoint = _adjoint_data(spec.gradients, vector) if gradients else {}
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
        "parameters": [p.name for p in program.parameters],
        "constants": constants,
        "flux_arguments": program.scalars,
        "shared": _shared(program),
        "clip": program.clip or "",
        "is_linear": len(branches) == 1 and program.branches[0].outputs == program.inputs and not spec.clamp,
        "functions": sorted(vector.called),
        "whole": _whole(flux_bound(program, spec.dtype, spec.bounded), spec.dtype),
        "approximations": functions(sorted(vector.approximated), spec.dtype),
        "unsigned": "uint64" if double else "uint32",
        "stored": FORMATS[spec.dtype].stored,
        "branches": branches,
        **{name: scalar(value) for name, value in {"inverse_h": "", **dict(program.coefficients)}.items()},
        **adjoint,
    }


def _shared(program: Program) -> list[str]:
    return [one.operation.value for one in program.shared]


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


def _adjoint_data(program: Program, vector: VectorText) -> dict[str, Any]:
    """Slopes of an edge, and what is summed over edges for the gradients by parameters."""
    scalar, found = CText("float64"), derivatives(program)
    constants = scalar.lines(program.constants)
    by_flux = [one.flux for one in found if one.flux]
    through_step = any(one.step is not None for one in found)
    through_size = any(one.inverse_h is not None for one in found)
    return {
        "slope_constants": constants,
        **{f"slope_{name}": scalar(program.coefficient(name) or "") for name in ("step", "inverse_h")},
        "slope_arguments": program.scalars,
        "slope_clip": program.clip or "",
        "slope_branches": vector.branches(program),
        "slope_outs": program.outputs[1:],
        "slope_shared": _shared(program),
        "slopes_are_cheap": all(one.operation in _CHEAP for one in program.instructions),
        "sums": [*by_flux, *["sum_flux"] * through_step, *["sum_slope"] * through_size],
        "by_parameters": [{"index": index, "terms": _terms(one, scalar)} for index, one in enumerate(found)],
    }


_CHEAP = frozenset(map(Operation, ("copy", "neg", "add", "sub", "mul", "fma", "abs", "sign", "min", "max")))


def _terms(one: Derivatives, scalar: CText) -> list[dict[str, str]]:
    terms = [{"sum": one.flux, "factor": "step"}] if one.flux else []
    if one.step is not None:
        terms.append({"sum": "sum_flux", "factor": f"({scalar(one.step)})"})
    if one.inverse_h is not None:  # the difference is r times h
        terms.append({"sum": "sum_slope", "factor": f"step * h * ({scalar(one.inverse_h)})"})
    return terms
