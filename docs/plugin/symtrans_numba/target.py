"""The target `numba`: one Python module with loops, which Numba compiles when it is first called."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from symtrans.codegen.program import Operation
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets import Loaded, Option, Target
from symtrans.codegen.targets.text import ScalarText
from symtrans.runtime.templates import render

TEMPLATES = files("symtrans_numba") / "templates"


class PythonText(ScalarText):
    """Instructions as Python that calls the functions of `math`, which Numba knows."""

    infinity = "math.inf"
    both, either = " and ", " or "
    choice = "({yes} if {condition} else {no})"
    prefix = "math."
    functions: ClassVar[Mapping[Operation, str]] = {
        Operation.EXPM1_NEGATIVE: "math.expm1",
        Operation.MODULUS: "abs",
        Operation.MAXIMUM: "max",
        Operation.MINIMUM: "min",
    }


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """The module of one kernel; it has no gradients."""
    program = specification.program
    writer = PythonText("float64")  # scalars are doubles; signals are stored in the dtype of the kernel
    constants = writer.lines(program.constants)
    branches = [
        {
            "condition": f"a {branch.relation} {branch.bound}" if branch.bound else "",
            "lines": [f"{name} = {value}" for name, value in writer.lines(branch.body)],
            "value": writer(branch.outputs[0]),
        }
        for branch in program.branches
    ]
    text = render(
        "kernel.py",
        TEMPLATES,
        spec=specification,
        digest=specification.digest(TEMPLATES, gradients=False),
        parameters=[parameter.name for parameter in program.parameters],
        constants=constants,
        arguments=program.scalars,
        branches=branches,
        step=writer(program.coefficient("step")),
        inverse_h=writer(program.coefficient("inverse_h") or sp.S.One),
    )
    return {f"{specification.function}.py": text}


def load(specification: Specification, options: Mapping[str, Any]) -> Loaded:
    """Run the module; Numba must be installed."""
    namespace: dict[str, Any] = {"__name__": specification.function}
    (text,) = emit(specification).values()
    exec(text, namespace)
    function = namespace[specification.function]

    def run(f: np.ndarray, u: np.ndarray, values: tuple[Any, ...]) -> None:
        function(f, *values, out=u)

    def no_adjoint() -> Any:
        raise NotImplementedError("kernels of target 'numba' have no gradients; take target 'c' or 'numpy'")

    return Loaded(run, no_adjoint)


NUMBA = Target("numba", emit, load, options={"parallel": Option(False, (False, True))}, templates=TEMPLATES)
