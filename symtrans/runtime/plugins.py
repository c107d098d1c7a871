"""What other packages add by entry points: read when first asked for; what is broken is named and skipped."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from symtrans.errors import PluginWarning
from symtrans.runtime.public import warn

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint


class Named(Protocol):
    """What has a name."""

    @property
    def name(self) -> str:
        """The name."""


T = TypeVar("T", bound=Named)


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
            warn(message, PluginWarning)


@dataclass(frozen=True)
class Registry(Mapping[str, T]):
    """Things by name: ours, and after them those that installed packages add.

    Other packages are not asked for a name of ours, but for every other one, and when all are listed.

    Attributes
    ----------
    ours : tuple
    group : str
        The entry points of the others; empty if there are none.
    type : type
        What one of them is.
    names : callable
        The names of one, its own first.
    objection : callable
        What else is wrong with one of another package; empty if nothing is.
    """

    ours: tuple[T, ...]
    group: str
    type: type[T]
    names: Callable[[T], tuple[str, ...]] = lambda thing: (thing.name,)
    objection: Callable[[T], str] = lambda thing: ""

    def __getitem__(self, name: str) -> T:
        return self._own[name] if name in self._own else self.by_every_name[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name, thing in self.by_every_name.items() if name == thing.name)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @cached_property
    def by_every_name(self) -> Mapping[str, T]:
        """Everything, by its own name and by others."""
        return self._by_name((*self.ours, *(thing for plugin in self.plugins for thing in plugin.adds)))

    @cached_property
    def plugins(self) -> tuple[Plugin[T], ...]:
        """The entry points of the group, in the order of their packages' names.

        Warns
        -----
        PluginWarning
            Once for each fault, with the package and the entry point that it is of.
        """
        if not self.group:
            return ()
        from importlib import metadata  # takes longer than the import of our own modules

        taken, found = dict(self._own), []
        for point in sorted(metadata.entry_points(group=self.group), key=lambda point: (_package(point), point.name)):
            found.append(self._load(point, taken))
            taken |= self._by_name(found[-1].adds)
        for plugin in found:
            plugin.warn()
        return tuple(found)

    @cached_property
    def _own(self) -> Mapping[str, T]:
        return self._by_name(self.ours)

    def _by_name(self, things: Iterable[T]) -> dict[str, T]:
        return {name: thing for thing in things for name in self.names(thing)}

    def _load(self, point: "EntryPoint", taken: Mapping[str, T]) -> Plugin[T]:
        try:
            value = point.load()
        except (Exception, SystemExit) as error:  # foreign code may fail in any way
            fault = f"{point.value} cannot be loaded ({type(error).__name__}: {error})"
            return Plugin(point.group, point.name, _package(point), (), (fault,))
        adds, faults = self.sorted_out(value if isinstance(value, tuple | list) else (value,), taken)
        return Plugin(point.group, point.name, _package(point), adds, faults)

    def sorted_out(self, things: Iterable[object], taken: Mapping[str, T]) -> tuple[tuple[T, ...], tuple[str, ...]]:
        """Those that can be added where some names are taken, and what is wrong with the others."""
        adds, faults, taken = list[T](), list[str](), dict(taken)
        for thing in things:
            fault = self._fault(thing, taken)
            if fault:
                faults.append(fault)
            elif isinstance(thing, self.type):
                adds.append(thing)
                taken |= self._by_name([thing])
        return tuple(adds), tuple(faults)

    def _fault(self, thing: object, taken: Mapping[str, T]) -> str:
        if not isinstance(thing, self.type):
            return f"an object of type {type(thing).__name__} is no {self.type.__name__}"
        names = self.names(thing)
        for position, name in enumerate(names):
            if name in taken:
                return f"{thing.name}: the name {name!r} is taken by {taken[name].name!r}"
            if name in names[:position]:
                return f"{thing.name}: the name {name!r} stands twice"
        return self.objection(thing)


def _package(point: "EntryPoint") -> str:
    return f"{point.dist.name} {point.dist.version}" if point.dist else point.module
