"""The NumPy target's text: one module that imports NumPy and nothing else."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from symtrans.codegen.program.passes import only
from symtrans.codegen.program.three_address import SIZE, Program
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.gradients import Derivatives, derivatives
from symtrans.codegen.targets.numpy.text import BY_SAMPLES, NumpyText, Statements
from symtrans.runtime.templates import folder, render
from symtrans.schemes import EXPLICIT, FSI, SEMI_IMPLICIT

TEMPLATES = folder("numpy")


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """The module of one kernel: ``name_f64.py`` (or ``_f32``)."""
    on_signals = specification.scheme is EXPLICIT and specification.grid.axes == 1
    data = _signal_data(specification, gradients) if on_signals else _grid_data(specification, gradients)
    template = "kernel.py" if on_signals else "grid.py"
    return {f"{specification.function}.py": render(template, TEMPLATES, **data)}


def _data(spec: Specification, gradients: bool, slopes: Program | None) -> dict[str, Any]:
    """What both templates need."""
    program, scalar = spec.program, NumpyText("float64")  # what is computed once a call
    function = Statements(spec.dtype)
    bound = program.clip
    if bound is None:
        function.select(program, program.outputs)
    lines = function.lines if bound is None else [f"np.clip(r, -{bound}, {bound}, out=flux)"]
    adjoint = {} if slopes is None else _slope_data(slopes, spec.dtype)
    both = [*lines, *adjoint.get("slope_lines", ())]
    constants = scalar.lines(program.constants)
    programs = [program] if slopes is None else [program, spec.gradients]
    operations = {one.operation for each in programs for one in (*each.constants, *each.instructions)}
    return {
        "spec": spec,
        "digest": spec.digest(TEMPLATES, gradients),
        "gradients": gradients,
        "bits": 8 * np.dtype(spec.dtype).itemsize,
        "parameters": [p.name for p in program.parameters],
        "constants": constants,
        "flux_arguments": list(program.scalars),
        "flux_lines": lines,
        "scratch": function.buffers,
        "uses_select": any(line.startswith("select(") for line in both),
        "uses_clear": any(line.startswith("clear(") for line in both),
        "uses_erf": any(line.startswith("by_samples(") for line in both),
        "imports_erf": not operations.isdisjoint(BY_SAMPLES),
        "scalars": {name: scalar(value) for name, value in program.coefficients},
        **adjoint,
    }


def _slope_data(program: Program, dtype: str) -> dict[str, Any]:
    scalar = NumpyText("float64")
    constants = scalar.lines(program.constants)
    slopes = Statements(dtype)
    slopes.select(program, program.outputs)
    words = {"flux": "Phi", "slope": "Phi'"} if program.size == SIZE else {"diffusivity": "g", "slope": "dg/dq"}
    listed = [words.get(name, f"its derivative by {name.removeprefix('by_')}") for name in program.outputs]
    by_coefficients = [c for c in program.coefficients if "_by_" in c[0]]
    return {
        "slope_constants": constants,
        "slope_arguments": list(program.scalars),
        "slope_lines": slopes.lines,
        "slope_scratch": slopes.buffers,
        "slope_outs": program.outputs,
        "slope_words": " and ".join(filter(None, [", ".join(listed[:-1]), listed[-1]])) + f" at `{program.inputs[0]}`",
        "derivative_names": [name for name, _ in by_coefficients],
        "derivatives": [scalar(value) for _, value in by_coefficients],
    }


def _signal_data(spec: Specification, gradients: bool) -> dict[str, Any]:
    found: list[Derivatives] = []
    slopes = None
    if gradients:
        slopes, found = spec.gradients, derivatives(spec.gradients)
        if all(one.step is None for one in found):
            slopes = only(slopes, slopes.outputs[1:])
    data = _data(spec, gradients, slopes)
    step, inverse_h = data["scalars"]["step"], data["scalars"].get("inverse_h", "")
    return {
        **data,
        "nonlinearity": "Phi",
        "coefficients": [step, *([inverse_h] if inverse_h else [])],
        "inverse_h": inverse_h,
        "by_parameters": [{"index": index, "terms": _terms(one)} for index, one in enumerate(found)],
    }


def _grid_data(spec: Specification, gradients: bool) -> dict[str, Any]:
    grid, diffusivity = spec.grid, spec.takes_diffusivity
    slopes = spec.gradients if gradients else None
    if slopes is not None and diffusivity:
        slopes = only(slopes, slopes.outputs[1:])
    data = _data(spec, gradients, slopes)
    axes, inverse = range(grid.dimensions), "inverse_square" if diffusivity else "inverse_h"
    names = data.get("derivative_names", [])

    def terms(coefficient: str, parameter: str) -> list[dict[str, int]]:
        wanted = {f"{coefficient}_{axis}_by_{parameter}": axis for axis in axes}
        return [{"axis": wanted[name], "place": place} for place, name in enumerate(names) if name in wanted]

    return {
        **data,
        "nonlinearity": "g" if diffusivity else "Phi",
        "coefficients": [data["scalars"].get(f"{name}_{axis}", "1") for name in ("step", inverse) for axis in axes],
        "axes": grid.dimensions,
        "channels": grid.channels,
        "sizes": ", ".join(f"N{axis + 1}" for axis in axes) + ("," if grid.axes == 1 else ""),
        "diffusivity": diffusivity,
        "shared": grid.coupled or grid.dimensions == 1,
        "cyclic": spec.scheme is FSI,
        "solves": spec.scheme is SEMI_IMPLICIT,
        "argument": spec.program.inputs[0],
        "outs": spec.program.outputs if slopes is None else slopes.outputs,
        "by_parameters": [
            {
                "index": index,
                "function": f"by_{p.name}" if slopes is not None and f"by_{p.name}" in slopes.outputs else "",
                "steps": terms("step", p.name),
                "inverses": terms(inverse, p.name),
            }
            for index, p in enumerate(spec.program.parameters)
        ],
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
