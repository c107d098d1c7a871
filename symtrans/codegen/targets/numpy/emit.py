"""The NumPy target's text: one module that imports NumPy and nothing else."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from symtrans.codegen.passes import only
from symtrans.codegen.program import Program
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.gradients import Derivatives, derivatives
from symtrans.codegen.targets.numpy.text import BY_SAMPLES, NumpyText, Statements
from symtrans.runtime.templates import folder, render

TEMPLATES = folder("numpy")


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """The module of one kernel: ``name_f64.py`` (or ``_f32``)."""
    return {f"{specification.function}.py": render("kernel.py", TEMPLATES, **_data(specification, gradients))}


def _data(spec: Specification, gradients: bool) -> dict[str, Any]:
    program, scalar = spec.program, NumpyText(spec.dtype)
    flux = Statements(spec.dtype)
    bound = program.clip
    if bound is None:
        flux.select(program, program.outputs)
    lines = flux.lines if bound is None else [f"np.clip(r, -{bound}, {bound}, out=flux)"]
    adjoint = _adjoint_data(spec.gradients, spec.dtype) if gradients else {}
    both = [*lines, *adjoint.get("slope_lines", ())]
    constants = scalar.lines(program.constants)
    programs = [program, spec.gradients] if gradients else [program]
    operations = {one.operation for each in programs for one in (*each.constants, *each.instructions)}
    return {
        "spec": spec,
        "digest": spec.digest(TEMPLATES, gradients),
        "gradients": gradients,
        "bits": 8 * np.dtype(spec.dtype).itemsize,
        "parameters": [p.name for p in program.parameters],
        "constants": constants,
        "flux_arguments": program.scalars,
        "flux_lines": lines,
        "scratch": flux.buffers,
        "uses_select": any(line.startswith("select(") for line in both),
        "uses_clear": any(line.startswith("clear(") for line in both),
        "uses_erf": any(line.startswith("by_samples(") for line in both),
        "imports_erf": not operations.isdisjoint(BY_SAMPLES),
        **{name: scalar(value) for name, value in {"inverse_h": "", **dict(program.coefficients)}.items()},
        **adjoint,
    }


def _adjoint_data(program: Program, dtype: str) -> dict[str, Any]:
    scalar, found = NumpyText(dtype), derivatives(program)
    constants = scalar.lines(program.constants)
    by_step = any(one.step is not None for one in found)
    program = program if by_step else only(program, program.outputs[1:])
    slopes = Statements(dtype)
    slopes.select(program, program.outputs)
    words = {"flux": "Phi", "slope": "Phi'"}
    listed = [words.get(name, f"its derivative by {name.removeprefix('by_')}") for name in program.outputs]
    by_coefficients = [c for c in program.coefficients if "_by_" in c[0]]
    return {
        "slope_constants": constants,
        "slope_arguments": list(program.scalars),
        "slope_lines": slopes.lines,
        "slope_scratch": slopes.buffers,
        "slope_outs": program.outputs,
        "slope_words": " and ".join(filter(None, [", ".join(listed[:-1]), listed[-1]])) + " at `r`",
        "by_parameters": [{"index": index, "terms": _terms(one)} for index, one in enumerate(found)],
        "derivative_names": [name for name, _ in by_coefficients],
        "derivatives": [scalar(value) for _, value in by_coefficients],
    }


def _terms(one: Derivatives) -> list[dict[str, Any]]:
    terms: list[dict[str, Any]] = []
    if one.flux:
        terms.append({"array": one.flux, "out": one.flux, "times_r": False, "factor": "step"})
    if one.step is not None:
        terms.append({"array": "flux", "out": "scratch[0]", "times_r": False, "factor": f"step_by_{one.name}"})
    if one.inverse_h is not None:  # the difference is r times h
        factor = f"step * inverse_h_by_{one.name} / inverse_h"
        terms.append({"array": "slope", "out": "scratch[0]", "times_r": True, "factor": factor})
    return terms
