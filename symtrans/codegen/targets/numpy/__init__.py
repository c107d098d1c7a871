"""The NumPy target: one module of ufunc calls into buffers."""

from symtrans.codegen.program.lowering import Dialect
from symtrans.codegen.targets.numpy.emit import TEMPLATES, emit
from symtrans.codegen.targets.numpy.load import load
from symtrans.codegen.targets.target import Option, Target

NUMPY = Target(
    "numpy",
    emit,
    load,
    options={"threads": Option(1, range(1, 2), running=True)},
    templates=TEMPLATES,
    dialect=lambda dtype, options: Dialect(copysign=True),
    covers=lambda scheme, grid: scheme != "implicit",
)
