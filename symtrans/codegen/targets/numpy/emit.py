"""The NumPy target's text: one module that imports NumPy and nothing else."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from symtrans.codegen.printers import NumpyPrinter
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets.numpy.ufuncs import Lowering
from symtrans.runtime.templates import folder, render

TEMPLATES = folder("numpy")


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """The module of one kernel: ``name_f64.py`` (or ``_f32``)."""
    return {f"{specification.function}.py": render("kernel.py", TEMPLATES, **_data(specification, gradients))}


def _data(spec: Specification, gradients: bool) -> dict[str, Any]:
    printer = NumpyPrinter(spec.dtype)
    code = spec.code
    flux = Lowering(printer)
    bound = code.clip
    if bound is None:
        flux.select(code.branches, ["flux"])
    lines = flux.lines if bound is None else [f"np.clip(r, -{bound}, {bound}, out=flux)"]
    adjoint = _adjoint_data(spec, printer) if gradients else {}
    both = [*lines, *adjoint.get("slope_lines", ())]
    return {
        "spec": spec,
        "digest": spec.digest(TEMPLATES, gradients),
        "gradients": gradients,
        "bits": 8 * printer.dtype.itemsize,
        "parameters": [name for name, _, _ in code.parameters],
        "constants": [(c.name, printer(c.expr)) for c in code.constants],
        "flux_arguments": code.flux_arguments(),
        "flux_lines": lines,
        "scratch": flux.buffers,
        "uses_select": any(line.startswith("select(") for line in both),
        "uses_clear": any(line.startswith("clear(") for line in both),
        "uses_erf": any(line.startswith("by_samples(") for line in both),
        "step": printer(code.step),
        "inverse_h": printer(code.inverse_h) if code.inverse_h is not None else "",
        **adjoint,
    }


def _adjoint_data(spec: Specification, printer: NumpyPrinter) -> dict[str, Any]:
    adjoint, code = spec.adjoint, spec.adjoint.code
    by_step = any(expr != 0 for expr in adjoint.step_by)
    names = {symbol: name for name, _, symbol in code.parameters}
    outs = ["slope", *(f"by_{names[symbol]}" for symbol in adjoint.flux_by)]
    branches = code.branches
    if by_step:
        outs = ["flux", *outs]
    else:
        branches = tuple(replace(branch, values=branch.values[1:]) for branch in branches)
    slopes = Lowering(printer)
    slopes.select(branches, outs)
    gradients, derivatives = _gradients(spec, printer)
    listed = ["Phi"] * by_step + ["Phi'"] + [f"its derivative by {names[symbol]}" for symbol in adjoint.flux_by]
    return {
        "slope_constants": [(c.name, printer(c.expr)) for c in code.constants],
        "slope_arguments": list(replace(code, branches=branches).flux_arguments()),
        "slope_lines": slopes.lines,
        "slope_scratch": slopes.buffers,
        "slope_outs": outs,
        "slope_words": " and ".join(filter(None, [", ".join(listed[:-1]), listed[-1]])) + " at `r`",
        "by_parameters": gradients,
        "derivative_names": [name for name, _ in derivatives],
        "derivatives": [value for _, value in derivatives],
    }


def _gradients(spec: Specification, printer: NumpyPrinter) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """For each parameter the terms of d/ds (tau/h) Phi(E u/h): through the step, the grid size and Phi itself."""
    adjoint = spec.adjoint
    gradients: list[dict[str, Any]] = []
    derivatives: list[tuple[str, str]] = []
    for index, (name, _, symbol) in enumerate(adjoint.code.parameters):
        terms: list[dict[str, Any]] = []
        if symbol in adjoint.flux_by:
            terms.append({"array": f"by_{name}", "out": f"by_{name}", "times_r": False, "factor": "step"})
        if adjoint.step_by[index] != 0:
            derivatives.append((f"step_by_{name}", printer(adjoint.step_by[index])))
            terms.append({"array": "flux", "out": "scratch[0]", "times_r": False, "factor": f"step_by_{name}"})
        if adjoint.inverse_h_by[index] != 0:
            # The difference is r times h.
            derivatives.append((f"inverse_h_by_{name}", printer(adjoint.inverse_h_by[index])))
            factor = f"step * inverse_h_by_{name} / inverse_h"
            terms.append({"array": "slope", "out": "scratch[0]", "times_r": True, "factor": factor})
        gradients.append({"index": index, "terms": terms})
    return gradients, derivatives
