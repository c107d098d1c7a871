"""symtrans: one nonlinearity as diffusivity, regulariser, shrinkage function and activation.

Enter any of the four as text or as a SymPy expression; get the other three in
closed form, what is proved of its stability, LaTeX tables, and C or NumPy
kernels of the residual network it defines.

>>> from symtrans import Diffusivity, translate
>>> translate(Diffusivity("exp(-r^2/(2 lambda^2))")).shrinkage
Shrinkage('r*(1 - exp(-r^2/lambda^2))')
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from symtrans._version import __version__
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
from symtrans.runtime.above import CATALOGUE, DISPLAYS, LAZY_FILTER

if TYPE_CHECKING:
    from symtrans import models
    from symtrans.catalogue.family import Family, translate
    from symtrans.catalogue.names import catalogue
    from symtrans.codegen.kernel import Kernel
    from symtrans.codegen.network import Network
    from symtrans.language.symbols import r
    from symtrans.nonlinearity.dictionary import Rule, dictionary
    from symtrans.nonlinearity.kind import Kind
    from symtrans.nonlinearity.kinds import Activation, Diffusivity, Regulariser, Shrinkage
    from symtrans.present.displays import latex
    from symtrans.present.plots import plot_filter, plot_stability
    from symtrans.signals.contrast import estimate_contrast
    from symtrans.signals.denoising import denoise
    from symtrans.stability.certificate import Certificate
    from symtrans.stability.evidence import Bound, Evidence, Jump, Verdict
    from symtrans.stability.prover import certify

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


_PLACES = {
    **dict.fromkeys(("Family", "translate"), "catalogue.family"),
    **dict.fromkeys(("Rule", "dictionary"), "nonlinearity.dictionary"),
    **dict.fromkeys(("Activation", "Diffusivity", "Regulariser", "Shrinkage"), "nonlinearity.kinds"),
    **dict.fromkeys(("Bound", "Evidence", "Jump", "Verdict"), "stability.evidence"),
    **dict.fromkeys(("plot_filter", "plot_stability"), "present.plots"),
    "Certificate": "stability.certificate",
    "Kernel": "codegen.kernel",
    "Kind": "nonlinearity.kind",
    "Network": "codegen.network",
    "certify": "stability.prover",
    "denoise": "signals.denoising",
    "estimate_contrast": "signals.contrast",
    "latex": "present.displays",
    "r": "language.symbols",
}
"""Where the names live. Each loads when first used: what completes a word in a shell cannot wait for SymPy."""


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        found = globals()[name] = getattr(import_module(f"symtrans.{_PLACES[name]}"), name)
        return found
    if name == "models":
        return import_module("symtrans.models")
    from difflib import get_close_matches

    near = get_close_matches(name, __all__, 1) if not name.startswith("_") else []
    mean = f"; did you mean {near[0]}?" if near else ""
    raise AttributeError(f"module 'symtrans' has no attribute {name!r}{mean}", name=name)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Families:
    """The named families as an attribute; no property, behind which IPython completes nothing."""

    def __get__(self, module: ModuleType | None, owner: type) -> Any:
        return import_module("symtrans.catalogue.names").catalogue

    def __set__(self, module: ModuleType, room: ModuleType) -> None:
        """Python puts the room of that name here when it is imported: nothing to keep."""


class _Package(ModuleType):
    """What this module is: its catalogue is the mapping, not the room."""

    catalogue = _Families()


sys.modules[__name__].__class__ = _Package


DISPLAYS.stands_in("symtrans.present.displays", "DISPLAYS")
CATALOGUE.stands_in("symtrans.catalogue.names", "catalogue")
LAZY_FILTER.stands_in("symtrans.dask", "filter")
