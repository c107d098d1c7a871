"""symtrans: one nonlinearity as diffusivity, regulariser, shrinkage function and activation.

Enter any of the four as text or as a SymPy expression; get the other three in
closed form, what is proved of its stability, LaTeX tables, and C or NumPy
kernels of the residual network it defines.

>>> from symtrans import Diffusivity, translate
>>> translate(Diffusivity("exp(-r^2/(2 lambda^2))")).shrinkage
Shrinkage('r*(1 - exp(-r^2/lambda^2))')
"""

from typing import TYPE_CHECKING, Any

from symtrans._version import __version__
from symtrans.catalogue import catalogue
from symtrans.certificate import Bound, Certificate, Evidence, Jump, Verdict
from symtrans.dictionary import Rule, dictionary
from symtrans.errors import (
    CatalogueError,
    CompilerError,
    NonlinearityError,
    ParseError,
    StabilityError,
    SymtransError,
)
from symtrans.families import Family, translate
from symtrans.kinds import Activation, Diffusivity, Kind, Regulariser, Shrinkage
from symtrans.names import r
from symtrans.proofs import certify

if TYPE_CHECKING:
    from symtrans import models
    from symtrans.codegen.kernel import Kernel
    from symtrans.codegen.network import Network
    from symtrans.present.plots import plot_filter, plot_stability

__all__ = [
    "Activation",
    "Bound",
    "CatalogueError",
    "Certificate",
    "CompilerError",
    "Diffusivity",
    "Evidence",
    "Family",
    "Jump",
    "Kernel",
    "Kind",
    "Network",
    "NonlinearityError",
    "ParseError",
    "Regulariser",
    "Rule",
    "Shrinkage",
    "StabilityError",
    "SymtransError",
    "Verdict",
    "__version__",
    "catalogue",
    "certify",
    "dictionary",
    "models",
    "plot_filter",
    "plot_stability",
    "r",
    "translate",
]


def __getattr__(name: str) -> Any:
    """Code generation (Jinja), pictures and the models load when first used: the import stays light."""
    from importlib import import_module

    places = {
        "Network": "symtrans.codegen.network",
        "Kernel": "symtrans.codegen.kernel",
        "plot_filter": "symtrans.present.plots",
        "plot_stability": "symtrans.present.plots",
    }
    if name in places:
        return getattr(import_module(places[name]), name)
    if name == "models":
        return import_module("symtrans.models")
    raise AttributeError(f"module 'symtrans' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
