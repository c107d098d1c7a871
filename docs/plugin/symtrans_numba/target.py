"""The target `numba`: one Python module with loops, which Numba compiles when it is first called."""

from collections.abc import Mapping
from importlib.resources import files
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from symtrans.codegen.printers import CPrinter
from symtrans.codegen.specification import Specification
from symtrans.codegen.targets import Loaded, Option, Target
from symtrans.runtime.templates import render

TEMPLATES = files("symtrans_numba") / "templates"


class MathPrinter(CPrinter):
    """Scalar expressions as Python that calls the functions of `math`, which Numba knows."""

    language = "Numba"
    infinity = "math.inf"
    both, either = " and ", " or "
    choice = "({yes} if {condition} else {no})"
    _BUILT_IN: ClassVar[Mapping[str, str]] = {"fmax": "max", "fmin": "min", "fabs": "abs"}

    def function(self, name: str) -> str:
        return self._BUILT_IN.get(name, f"math.{name}")


def emit(specification: Specification, gradients: bool = True) -> Mapping[str, str]:
    """The module of one kernel; it has no gradients."""
    printer = MathPrinter("float64")  # scalars are doubles; signals are stored in the dtype of the kernel
    code = specification.code
    branches = [
        {
            "condition": f"a {branch.relation} {branch.bound}" if branch.bound else "",
            "lines": [f"{t.name} = {printer(t.expr)}" for t in branch.temporaries],
            "value": printer(branch.value),
        }
        for branch in code.branches
    ]
    text = render(
        "kernel.py",
        TEMPLATES,
        spec=specification,
        digest=specification.digest(TEMPLATES, gradients=False),
        parameters=[name for name, _, _ in code.parameters],
        constants=[(constant.name, printer(constant.expr)) for constant in code.constants],
        arguments=code.flux_arguments(),
        branches=branches,
        step=printer(code.step),
        inverse_h=printer(code.inverse_h) if code.inverse_h is not None else "1.0",
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
