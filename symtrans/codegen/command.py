"""The command line that generates the same files as a network."""

from collections.abc import Mapping
from typing import Any

from symtrans.catalogue import catalogue
from symtrans.codegen.targets import target_of
from symtrans.language.text_printer import plain
from symtrans.nonlinearity.kinds import Shrinkage
from symtrans.nonlinearity.knot_table import knot_table
from symtrans.stability.prose import plain_formula


def command_of(network: Any, target: str, dtype: str, clamp: bool | None, options: Mapping[str, Any]) -> str:
    """The command line that generates the same files as ``network.source(target, dtype, ...)``.

    Of a long spline it is the call in Python: its knots are too many for a line.
    """
    listed = network.name.replace("_", "-")
    offered = target_of(target).options
    chosen = {name: value for name, value in options.items() if value != offered[name].default}
    if knot_table(network.origin) is not None:
        given = {"clamp": clamp, **chosen} if clamp is not None else chosen
        words = [repr(target), repr(dtype), *(f"{name}={value!r}" for name, value in given.items())]
        return f"{network.call_of(str(network.origin))}.source({', '.join(words)})"
    if network.name != "network" and listed in catalogue and catalogue.entry(listed).nonlinearity == network.origin:
        words = [f"symtrans generate {listed}"]
    else:
        # A shrinkage has a tau of its own, for which the command line has no second option.
        entered = network.activation if isinstance(network.origin, Shrinkage) else network.origin
        words = [f'symtrans generate "{plain_formula(entered)}" --kind {type(entered).__name__.lower()}']
        if entered.variable.name != "r":
            words.append(f"--variable {entered.variable.name}")
        words += [f'--assume "{plain(relation)}"' for relation in entered.assumed]
        if network.name != "network":
            words.append(f"--name {network.name}")
    words.append(f"--blocks {network.blocks} --tau {_word(network.written(network.tau))}")
    if network.grid.h != 1:
        words.append(f"--h {','.join(_word(network.written(size)) for size in network.grid.sizes)}")
    for name, value, usual in (
        ("boundary", network.grid.boundary, "reflecting"),
        ("coupling", network.grid.coupling, "isotropic"),
        ("scheme", network.scheme.name, "explicit"),
        ("cycle", network.cycle, 1),
    ):
        if value != usual:
            words.append(f"--{name} {value}")
    if network.grid.channels:
        words.append("--channels")
    if network.unstable:
        words.append("--unstable")
    if clamp is not None:
        words.append("--clamp" if clamp else "--no-clamp")
    words += [f"--{name} {value}" for name, value in chosen.items()]
    words.append(f"--target {target} --dtype {dtype}")
    return " ".join(words)


def _word(text: str) -> str:
    return text if text.replace("/", "").replace(".", "").isalnum() else f'"{text}"'
