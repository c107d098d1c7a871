"""What a target language has to offer, as one frozen value."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import numpy as np

from symtrans.codegen.program.lowering import Dialect
from symtrans.codegen.specification import Specification
from symtrans.errors import NonlinearityError
from symtrans.runtime.frozen import FrozenMapping
from symtrans.schemes import Scheme
from symtrans.schemes.grid import Grid

# A number, or an array of one number for each block.
Value = float | np.ndarray
# Filters f into u: (two contiguous arrays of shape (..., samples), the same one or apart; parameters in order).
Filter = Callable[[np.ndarray, np.ndarray, tuple[Value, ...]], None]
# (signals, cotangents, parameters in order) -> gradients by the signals; by each parameter (rows) and block (columns).
Adjoint = Callable[[np.ndarray, np.ndarray, tuple[Value, ...]], tuple[np.ndarray, np.ndarray]]


class Addressed(NamedTuple):
    """A filter by addresses, for those who hold other arrays than NumPy's: (source, target, counts, parameters).

    The counts are those of the arrays and of the samples along each axis. Parameters are numbers, and of `layered`
    addresses of one number for each block, in the dtype of the kernel.
    """

    plain: Callable[[int, int, tuple[int, ...], tuple[float, ...]], None]
    layered: Callable[[int, int, tuple[int, ...], tuple[int, ...]], None]


class Loaded(NamedTuple):
    """Files as functions; the adjoint is made when it is asked for."""

    run: Filter
    adjoint: Callable[[], Adjoint]
    addressed: Addressed | None = None


@dataclass(frozen=True)
class Option:
    """A choice that a target offers beyond dtype and clamp.

    Attributes
    ----------
    default : object
        Values are of its type.
    values : container
        What may be chosen: a tuple, or a range of whole numbers.
    running : bool
        Whether it is about running alone: an option of `compile`, without any effect on the text.
    purpose : str
        What it chooses, in a few words for the page of help.
    """

    default: Any
    values: Container[Any]
    running: bool = False
    purpose: str = ""

    def fits(self, value: Any) -> bool:
        """Whether a value may be chosen."""
        return type(value) is type(self.default) and value in self.values

    def read(self, text: str) -> Any:
        """The value that a word on the command line stands for; the word itself where it stands for none."""
        kind = type(self.default)
        try:
            return {"True": True, "False": False}[text.capitalize()] if kind is bool else kind(text)
        except (KeyError, ValueError):
            return text

    def __str__(self) -> str:
        if isinstance(self.values, range) and len(self.values) > 1:
            return f"a whole number from {self.values[0]} to {self.values[-1]}"
        return " or ".join(map(repr, self.values))  # type: ignore[call-overload]


_TAKEN = ("target", "dtype", "clamp")  # arguments of every target


def _as_it_is(dtype: str, options: Mapping[str, Any]) -> Dialect:
    return Dialect()


def _on_one_axis(scheme: str, grid: Grid) -> bool:
    return scheme == "explicit" and grid.dimensions == 1 and not grid.channels


@dataclass(frozen=True)
class Target:
    """A language that networks can be generated in. See docs/add-a-target.md.

    Attributes
    ----------
    name : str
        What the user calls it.
    emit : callable
        ``emit(specification, gradients=True)`` gives the files: name -> text, complete and self-contained;
        without `gradients` the adjoint may be left out, and is then not derived.
    load : callable or None
        ``load(specification, options)`` gives functions on arrays; None if Python cannot run the files.
    options : mapping
        What can be chosen, by keyword.
    templates : folder or None
        Its Jinja templates. Every text in it counts in the hash of a specification.
    dialect : callable
        ``dialect(dtype, options)``: what it wants of the programs that it prints.
    covers : callable
        ``covers(scheme, grid)``: whether it has kernels of a scheme, by name, on a grid; by default of the explicit
        scheme on one axis.
    """

    name: str
    emit: Callable[..., Mapping[str, str]]
    load: Callable[[Specification, Mapping[str, Any]], Loaded] | None = None
    options: Mapping[str, Option] = FrozenMapping()
    templates: Traversable | None = None
    dialect: Callable[[str, Mapping[str, Any]], Dialect] = _as_it_is
    covers: Callable[[str, Grid], bool] = _on_one_axis

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", FrozenMapping(self.options))
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise TypeError(f"name = {self.name!r} is not a plain identifier")
        if not callable(self.emit) or not (self.load is None or callable(self.load)):
            raise TypeError(f"emit = {self.emit!r} and load = {self.load!r} of target {self.name!r} must be functions")
        for name, option in self.options.items():
            if not isinstance(option, Option) or not str(name).isidentifier() or name in _TAKEN:
                raise TypeError(f"{name!r}: {option!r} is no option of target {self.name!r}")

    def refuse_uncovered(self, scheme: Scheme, grid: Grid) -> None:
        """Refuse a scheme on a grid that there is no kernel of.

        Raises
        ------
        NonlinearityError
            Saying what there is.
        """
        if self.covers(scheme.name, grid):
            return
        axes = f"{grid.dimensions} {'axis' if grid.dimensions == 1 else 'axes'}"
        what = f"{scheme.name} scheme on {axes}{' with channels' if grid.channels else ''} ({grid.coupling})"
        if scheme.name == "implicit":
            raise NonlinearityError(
                f"there is no kernel of the {what}: each step solves a nonlinear equation; "
                "symtrans.models.variational_minimise does it"
            )
        raise NonlinearityError(f"target {self.name!r} has no kernel of the {what}; target 'numpy' has")

    def chosen(self, given: Mapping[str, Any], *, running: bool) -> dict[str, Any]:
        """Every option with its value, those of running only where something is to run.

        Raises
        ------
        NonlinearityError
            If there is no such option here, or no such value of it.
        """
        offered = {name: option for name, option in self.options.items() if running or not option.running}
        for name, value in given.items():
            if name not in offered:
                what = "compile" if running else "source"
                having = f"it has {', '.join(offered)}" if offered else "it has none"
                raise NonlinearityError(
                    f"{name} = {value!r}: {what}(target={self.name!r}) has no such option; {having}"
                )
            if not offered[name].fits(value):
                raise NonlinearityError(f"{name} = {value!r} must be {offered[name]} for target {self.name!r}")
        return {name: given.get(name, option.default) for name, option in offered.items()}
