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
from symtrans.catalogue.family import Family, translate
from symtrans.errors import (
    CatalogueError,
    CompilerError,
    ContradictionWarning,
    FallbackWarning,
    InternalError,
    MissingPackageError,
    NonlinearityError,
    ParseError,
    PluginWarning,
    RoundingWarning,
    RowsWarning,
    StabilityError,
    SymtransError,
)
from symtrans.language.symbols import r
from symtrans.nonlinearity.dictionary import Rule, dictionary
from symtrans.nonlinearity.kind import Kind
from symtrans.nonlinearity.kinds import Activation, Diffusivity, Regulariser, Shrinkage
from symtrans.runtime import lazy_arrays
from symtrans.runtime.display import register
from symtrans.stability.certificate import Certificate
from symtrans.stability.evidence import Bound, Evidence, Jump, Verdict
from symtrans.stability.prover import certify

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from symtrans import models
    from symtrans.codegen.kernel import Kernel
    from symtrans.codegen.network import Network
    from symtrans.present.displays import latex
    from symtrans.present.plots import plot_filter, plot_stability
    from symtrans.signals.contrast import estimate_contrast
    from symtrans.signals.denoising import denoise

__all__ = [
    "Activation",
    "Bound",
    "CatalogueError",
    "Certificate",
    "CompilerError",
    "ContradictionWarning",
    "Diffusivity",
    "Evidence",
    "FallbackWarning",
    "Family",
    "InternalError",
    "Jump",
    "Kernel",
    "Kind",
    "MissingPackageError",
    "Network",
    "NonlinearityError",
    "ParseError",
    "PluginWarning",
    "Regulariser",
    "RoundingWarning",
    "RowsWarning",
    "Rule",
    "Shrinkage",
    "StabilityError",
    "SymtransError",
    "Verdict",
    "__version__",
    "catalogue",
    "certify",
    "denoise",
    "dictionary",
    "estimate_contrast",
    "latex",
    "models",
    "plot_filter",
    "plot_stability",
    "r",
    "translate",
]


def _displays() -> "Mapping[tuple[str, str], Callable[..., Any]]":
    """How values show themselves; the writers load when the first is shown."""
    from symtrans.present.displays import DISPLAYS

    return DISPLAYS


register(_displays)


def _filter_of_dask() -> "Callable[..., Any]":
    """What filters arrays of Dask, which loads with the first of them."""
    from symtrans.dask import filter

    return filter


lazy_arrays.register(_filter_of_dask)


def __getattr__(name: str) -> Any:
    """Code generation (Jinja), pictures and the models load when first used: the import stays light."""
    from importlib import import_module

    places = {
        "Network": "symtrans.codegen.network",
        "Kernel": "symtrans.codegen.kernel",
        "denoise": "symtrans.signals.denoising",
        "estimate_contrast": "symtrans.signals.contrast",
        "latex": "symtrans.present.displays",
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
