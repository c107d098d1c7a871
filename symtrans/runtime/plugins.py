"""What other packages add by entry points: read when first asked for; what is broken is named and skipped."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from symtrans.errors import PluginWarning

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

T = TypeVar("T")
Reader = Callable[[object], tuple[Sequence[T], Sequence[str]]]


@dataclass(frozen=True)
class Plugin(Generic[T]):
    """One entry point of another package.

    Attributes
    ----------
    group, name : str
        Those of the entry point, such as ``symtrans.families`` and ``mine``.
    package : str
        Name and version of the package that declares it.
    adds : tuple
        What it adds.
    faults : tuple of str
        Why something that it declares is skipped, one line each.
    """

    group: str
    name: str
    package: str
    adds: tuple[T, ...]
    faults: tuple[str, ...]

    def warn(self) -> None:
        """Say what is skipped, and why."""
        for fault in self.faults:
            message = f"skipped of {self.package} (entry point {self.name!r} of {self.group}): {fault}"
            warnings.warn(message, PluginWarning, stacklevel=3)


def plugins(group: str, read: Reader[T]) -> tuple[Plugin[T], ...]:
    """Load the entry points of a group, in the order of their packages' names.

    Parameters
    ----------
    group : str
    read : function
        From the object that an entry point names to what it adds, and to what is wrong with it.

    Warns
    -----
    PluginWarning
        Once for each fault, with the package and the entry point that it is of.
    """
    from importlib import metadata  # takes longer than all of symtrans.catalogue

    found = tuple(_load(point, read) for point in sorted(metadata.entry_points(group=group), key=_place))
    for plugin in found:
        plugin.warn()
    return found


def _load(point: "EntryPoint", read: Reader[T]) -> Plugin[T]:
    adds: Sequence[T] = ()
    try:
        value = point.load()
    except (Exception, SystemExit) as error:  # foreign code may fail in any way
        faults: Sequence[str] = [f"{point.value} cannot be loaded ({type(error).__name__}: {error})"]
    else:
        adds, faults = read(value)
    return Plugin(point.group, point.name, _package(point), tuple(adds), tuple(faults))


def _package(point: "EntryPoint") -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.module


def _place(point: "EntryPoint") -> tuple[str, str]:
    return _package(point), point.name
