"""The C target's text: C11 source and header, callable from C++."""

from collections.abc import Mapping
from typing import Any

import sympy as sp

from symtrans.codegen.approximations.formats import FORMATS
from symtrans.codegen.approximations.printing import functions
from symtrans.codegen.floating_point.accuracy import flux_bound
from symtrans.codegen.floating_point.finiteness import is_finite
from symtrans.codegen.program.three_address import Operation, Program
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.c.text import CText, VectorText
from symtrans.codegen.targets.gradients import Derivatives, derivatives
from symtrans.runtime.templates import folder, render
from symtrans.schemes import EXPLICIT, SEMI_IMPLICIT

TEMPLATES = folder("c")


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """Header and source of one kernel: ``name_f64.c`` and ``name_f64.h`` (or ``_f32``)."""
    data = _data(specification, gradients)
    stem, template = specification.function, "cells" if takes_arrays(specification) else "kernel"
    return {f"{stem}.{suffix}": render(f"{template}.{suffix}", TEMPLATES, **data) for suffix in ("h", "c")}


def takes_arrays(specification: Specification) -> bool:
    """Whether a kernel is called with arrays of a shape; else with signals side by side."""
    return specification.takes_diffusivity or specification.grid.dimensions > 1


def _data(spec: Specification, gradients: bool) -> dict[str, Any]:
    scalar, vector = CText("float64"), VectorText(spec.dtype)
    program = spec.program
    double = spec.dtype == "float64"
    constants = scalar.lines(program.constants)
    branches = vector.branches(program)
    adjoint = _axes_data(spec)
    if gradients:
        adjoint |= _back_data(spec, vector) if takes_arrays(spec) else _adjoint_data(spec.gradients, vector)
    return {
        "spec": spec,
        **_table_data(spec, vector),
        "takes_arrays": takes_arrays(spec),
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
        "scalars": [p.name for p in program.numbers],
        "rows": sum(max(1, p.size) for p in program.parameters),
        "constants": constants,
        "flux_arguments": program.scalars,
        "shared": _shared(program),
        "clip": program.clip or "",
        "is_linear": len(branches) == 1 and program.branches[0].outputs == program.inputs and not spec.clamp,
        "functions": sorted(vector.called),
        "whole": _whole(spec),
        "approximations": functions(sorted(vector.approximated), spec.dtype),
        "unsigned": "uint64" if double else "uint32",
        "stored": FORMATS[spec.dtype].stored,
        "branches": branches,
        "coefficients": [(name, scalar(value)) for name, value in program.coefficients],
        "inverse_h": program.coefficient("inverse_h") is not None,
        **adjoint,
    }


def _table_data(spec: Specification, vector: VectorText) -> dict[str, Any]:
    """What is looked up, and what users are told of it."""
    found, table = spec.program.table, spec.stages.block.table
    if found is None or table is None:
        return {"table": ""}
    last = found.size - 2
    return {
        "table": found.name,
        "last": last,
        "last_real": vector.literal(sp.Integer(last)),
        "given_table": f"given->{found.name} + given->stride * block * {found.size}",
        "step": table.step,
        "steepest": table.steepest,
        "own_values": [vector.literal(sp.Rational(float(v))) for v in table.numbers(spec.dtype)],
    }


_COLUMNS = 16  # reals of the widest vector; rows of arrays are multiples, and sums over them are taken in so many parts


def _axes_data(spec: Specification) -> dict[str, Any]:
    """What rows of samples need: which axes are alike, what is 1 or not read at all, and what cells share."""
    program, cells_share = spec.program, spec.grid.coupled or spec.grid.dimensions == 1
    axes = range(spec.grid.dimensions)
    # g of a cell and the samples before it in one go; channels share g, which is known after all of them
    is_fused = cells_share and len(axes) > 1 and not spec.grid.channels
    steps = [program.coefficient(f"step_{a}") for a in axes]
    inverses = [program.coefficient(f"{_inverse(spec)}_{a}") for a in axes]
    return {
        "axes": len(axes),
        "columns": _COLUMNS,
        "is_even": len({*steps}) == len({*inverses}) == 1,
        "scaled": [inverse is not None for inverse in inverses],
        "reads_q": program.uses(program.size),
        "cells_share": cells_share,
        "is_fused": is_fused,
        # one explicit block on rows as they lie
        "goes_along": is_fused and len(axes) == 2 and not spec.periodic and spec.blocks == 1,
        "share": 2 ** (len(steps) - 1) if cells_share else 1,
        "splits": len(steps) if spec.scheme is SEMI_IMPLICIT else 1,
    }


def _inverse(spec: Specification) -> str:
    """What the program's argument is measured by along an axis."""
    return "inverse_square" if spec.takes_diffusivity else "inverse_h"


def _shared(program: Program) -> list[str]:
    return [one.operation.value for one in program.shared]


def _whole(spec: Specification) -> str:
    """What is proved of the computed flux or diffusivity, in words."""
    bounded = is_finite(spec.program, spec.dtype) if spec.takes_diffusivity else spec.bounded
    bound = flux_bound(spec.program, spec.dtype, bounded)
    if bound is None:
        return "no bound of its rounding errors is proved"
    apart = " but next to its jumps" if bound.apart_from_jumps else ""
    if bound.multiple == 0:
        return f"computed without any error{apart}"
    size, argument = ("g", "q") if spec.takes_diffusivity else ("|Phi|", "|r|")
    scale = f"sup {size}" if bound.overall else f"the largest {size} on [0, {argument}]"
    eps = f"eps = 2^-{FORMATS[spec.dtype].stored}"
    where = f"proved where no product over- or underflows{apart}"
    return f"error at most {bound.multiple:g} eps times {scale}, {eps} ({where})"


def _back_data(spec: Specification, vector: VectorText) -> dict[str, Any]:
    """Slopes of a cell or an edge, and what is summed over these for the gradients by parameters."""
    program, own = spec.gradients, _axes_data(spec)
    scalar, by, sums = CText("float64"), [], list[str]()
    constants = scalar.lines(program.constants)
    kinds = [own["axes"] - 1] if own["is_even"] else range(own["axes"])
    vanishing = {name for k, name in enumerate(program.outputs) if all(b.outputs[k] == 0 for b in program.branches)}
    varying = set(program.outputs) - vanishing  # between jumps, too
    for index, parameter in enumerate(program.parameters):
        terms = [{"sum": f"by_{parameter.name}", "factor": ""}] if f"by_{parameter.name}" in varying else []
        for a in kinds:
            for sum, name in ((f"sum_step_{a}", f"step_{a}"), (f"sum_inverse_{a}", f"{_inverse(spec)}_{a}")):
                factor = program.coefficient(f"{name}_by_{parameter.name}")
                if factor is not None and (sum.startswith("sum_step") or "slope" in varying):
                    terms.append({"sum": sum, "factor": f"({scalar(factor)})"})
        sums += [term["sum"] for term in terms if term["sum"] not in sums]
        by.append({"index": index, "terms": terms})
    given = [(name, scalar(value)) for name, value in program.coefficients if "_by_" not in name]
    return {
        "slope_constants": constants,
        "slope_coefficients": given,
        "slope_arguments": program.scalars,
        "slope_branches": vector.branches(program),
        "slope_outs": list(program.outputs[1:]),
        "slope_shared": _shared(program),
        "slope_reads_argument": program.uses(program.inputs[0]) or program.uses(program.size),
        "argument": program.inputs[0],
        "turns": spec.scheme is not EXPLICIT or not own["cells_share"] or "slope" in varying,
        "sums": sums,
        "sums_of_flow": any(not sum.startswith("sum_step") for sum in sums) or program.table is not None,
        "by_parameters": by,
    }


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
